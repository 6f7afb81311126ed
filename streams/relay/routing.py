"""Which partitions of the packed topics an event goes to: those whose rows it may change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from events.alias import alias_of
from events.contract import tags
from events.event import Event
from streams.bus.topics import partition_of
from streams.history.aliases import Aliases

Frames: TypeAlias = list[bytes]


class Routes:
    """Collects framed entries for each partition of each kind, in order, each entry once per partition.

    An event goes to the partition of each of its tags' values, and to that of the value of which this is an alias. An
    event that begins or ends an alias goes to all partitions of its kind: everyone who folds there has to know all
    aliases. An entry that cannot be decoded goes to all partitions of all kinds: it may concern any of them.
    """

    def __init__(self, kinds: Mapping[str, int], aliases: Aliases) -> None:
        self._aliases = aliases
        self._frames: dict[str, tuple[Frames, ...]] = {
            kind: tuple([] for _ in range(partitions)) for kind, partitions in kinds.items()
        }
        self._aliased_kinds = {kind for kind in kinds if aliases.of(kind)}

    def take(self, event: Event, frame: bytes) -> str | None:
        """Take an event and its framed entry; return its subject, None if it has no tag."""
        found = tags(event)
        for tag in found:
            kind, _, value = tag.partition(":")
            of_kind = self._frames.get(kind)
            if of_kind:
                _add(of_kind, value, frame)
                if kind in self._aliased_kinds:
                    _add(of_kind, self._aliases.root(kind, value), frame)
        if alias_of(type(event)):
            self._rename(event, frame)
        return found[0] if found else None

    def take_unreadable(self, frame: bytes) -> None:
        """Take the framed entry of an event that cannot be decoded."""
        for of_kind in self._frames.values():
            _broadcast(of_kind, frame)

    def drain(self) -> Iterator[tuple[str, int, Frames]]:
        """Give what was collected for each kind and partition, even if it is nothing, and start over."""
        for kind, of_kind in self._frames.items():
            for partition, frames in enumerate(of_kind):
                yield kind, partition, frames
            self._frames[kind] = tuple([] for _ in of_kind)

    def _rename(self, event: Event, frame: bytes) -> None:
        kind, _ = self._aliases.advance(event)
        if kind in self._frames:
            self._aliased_kinds.add(kind)
            _broadcast(self._frames[kind], frame)


def _add(of_kind: tuple[Frames, ...], value: str, frame: bytes) -> None:
    frames = of_kind[partition_of(value, len(of_kind))] if len(of_kind) > 1 else of_kind[0]
    if not frames or frames[-1] is not frame:
        frames.append(frame)


def _broadcast(of_kind: tuple[Frames, ...], frame: bytes) -> None:
    for frames in of_kind:
        if not frames or frames[-1] is not frame:
            frames.append(frame)
