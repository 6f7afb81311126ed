"""The ports of the flows. Adapters implement them; flows know nothing else of the outside."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Protocol, TypeAlias

from msgspec import Struct

from events.entry import Header, Proposal, Stored
from events.event import Event
from streams.tree.merkle import Tile, Tree

ANY = 0
"""As a tag key in `Condition.reads`: whatever the tags. As a type key: whatever the type."""


class Reads(Protocol):
    """What a decision has read: a mapping from the key of each tag to the keys of the types read of it."""

    def get(self, tag: int, /) -> Collection[int] | None:
        """Return the keys of the types that were read of a tag, None if it was not read."""


class Condition(Struct, frozen=True):
    """The history that a decision has read; it holds until something new touches it.

    Broken by any entry after position `seen` that carries one of the tags and is of a type read of that tag.
    """

    seen: int
    reads: Reads

    def check(self, head: int, others: Sequence[Change]) -> None:
        """Compare with `others`, every entry after `seen`, in a log that ends at `head`.

        Raises Stale if one of them breaks the condition, ValueError if `seen` is past the head: it is of another log.
        """
        if self.seen > head:
            raise ValueError(f"the condition has seen position {self.seen}, but the log ends at {head}")
        if any(touches(self.reads, change) for change in others):
            raise Stale(head, others)


class Change(Struct, frozen=True, gc=False):
    """An entry as conditions see it: its position, and the keys of its type and of its tags."""

    position: int
    type: int
    tags: tuple[int, ...]


def touches(reads: Reads, change: Change) -> bool:
    """Report whether a change touches what was read."""
    for tag in (ANY, *change.tags):
        types = reads.get(tag)
        if types is not None and (change.type in types or ANY in types):
            return True
    return False


class Appended(Struct, frozen=True):
    """A batch is durable at positions `first`, `first + 1`, ...; `others` lie between `seen` and it."""

    first: int
    recorded_at: int
    others: Sequence[Change]


class Stale(Exception):
    """The condition is broken. Nothing was written; `others` lie after `seen`, up to `head`."""

    def __init__(self, head: int, others: Sequence[Change]) -> None:
        super().__init__(f"the history that was read has grown up to position {head}")
        self.head, self.others = head, others


class IdentityTaken(Exception):
    """The log already has at least one of the batch's identities. Nothing was written."""


class Mark(Struct, frozen=True):
    """The progress of a reader of another stream, kept beside the log so that it moves with what the reader appends.

    Everything before `position` is settled, except the positions in `waiting`. `moves` counts the moves of the mark;
    `recorded`, `repeated` and `refused` count what was settled, by outcome.
    """

    name: str
    position: int = 0
    waiting: tuple[int, ...] = ()
    moves: int = 0
    recorded: int = 0
    repeated: int = 0
    refused: int = 0


class Overtaken(Exception):
    """Another reader has moved one of the marks in the meantime. Nothing was written."""


Ready: TypeAlias = Callable[[], None]
"""Blocks until everything that must be durable before an append is durable."""


def always() -> None:
    """Wait for nothing."""


class LogUnavailable(Exception):
    """The log cannot be reached or written (its server is down, its disk is full, ...). Nothing was acknowledged."""


class History(Struct, frozen=True):
    """A part of the log: the entries after a position that carry `tag` and are of one of `types`."""

    tag: int
    types: tuple[int, ...]
    after: int = 0


class Window(Struct, frozen=True):
    """A part of the log: the entries that carry `tag`, are of one of `types`, and occurred with begin <= time < end.

    Some more may be found with them. Times are microseconds since 1970.
    """

    tag: int
    types: tuple[int, ...]
    begin: int
    end: int


class Selection(Struct, frozen=True):
    """A selection of entries: they carry all `tags`, are of one of `types` and from `source`, and lie in a range.

    Keys are those of `events.entry.key`; empty or None means no restriction. Entries have after < position <= upto.
    """

    tags: tuple[int, ...] = ()
    types: tuple[int, ...] = ()
    source: int | None = None
    after: int = 0
    upto: int | None = None
    limit: int = 100
    backwards: bool = False


class Log(Protocol):
    """The log: positions 1..n without gaps; a reader that has seen n has seen everything before n."""

    @property
    def id(self) -> str:
        """The log's id: part of topics, ETags and wait tokens; a restore from backup changes it."""

    def head(self) -> int:
        """Return the last position, 0 if the log is empty."""

    def append(
        self,
        batch: Sequence[Proposal],
        condition: Condition | None = None,
        marks: Sequence[Mark] = (),
        ready: Ready = always,
    ) -> Appended:
        """Append a batch and move `marks` in one transaction, durable on return.

        Pass each mark with the `moves` that it was read with; the log raises them by one. `ready` is called once all
        is prepared, before others have to wait; nothing is written until it returns. Raises Stale if the condition
        is broken, IdentityTaken, Overtaken, LogUnavailable, and whatever `ready` raises.
        """

    def tree(self) -> Tree:
        """Return the tree over all entries."""

    def tiles(self, wanted: Sequence[Tile]) -> Sequence[bytes]:
        """Return the hashes of each tile of the tree, concatenated, as many as exist."""

    def move(self, marks: Sequence[Mark]) -> None:
        """Move marks without appending. Raises Overtaken and LogUnavailable."""

    def marks(self, names: Sequence[str]) -> Mapping[str, Mark]:
        """Return the marks with these names, those that were ever moved."""

    def changes(self, after: int) -> Sequence[Change]:
        """Return the changes after a position, in order."""

    def read(self, after: int = 0, upto: int | None = None, limit: int = 1000) -> Sequence[Stored]:
        """Return at most `limit` entries with after < position <= upto, in order."""

    def select(self, selection: Selection) -> Sequence[Stored]:
        """Return the selected entries, in order of position or, if `backwards`, in reverse."""

    def position_at(self, recorded_at: int) -> int:
        """Return the last position recorded at this time or before it, 0 if there is none."""

    def histories(self, wanted: Sequence[History], upto: int | None = None) -> Sequence[Stored]:
        """Return the entries of several histories (up to a position) with one query, in order, each entry once."""

    def windows(self, wanted: Sequence[Window], upto: int | None = None) -> Sequence[Stored]:
        """Return the entries of several windows (up to a position), in order of position, each entry once."""

    def late(
        self, history: History, after: tuple[int, int], upto: int, limit: int
    ) -> Sequence[tuple[int, Stored]]:
        """Return entries of a history that were not on time, each with when it occurred, in the order of what occurred.

        They come after a time and a position in that order, and are at most `limit`.
        """

    def counts(self, wanted: Sequence[History], most: int) -> Sequence[int]:
        """Return how many entries each history has, counted to `most`."""

    def find(self, identities: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Stored]:
        """Return the entries with these identities (source, id), those that exist."""

    def tail(self, after: int, upto: int, types: Collection[int]) -> Iterator[Sequence[Stored]]:
        """Yield a range of the log in batches, only these types (all if empty), in short transactions."""


class Codec(Protocol):
    """Converts between events and the bytes of the log."""

    def propose(self, event: Event) -> Proposal:
        """Encode an event to be appended. Raises EntryTooLarge."""

    def decode(self, stored: Stored) -> Event:
        """Decode an entry of the log. Raises Undecodable."""

    def event(self, position: int, header: Header) -> Event:
        """Decode an entry whose header has been parsed. Raises Undecodable."""

    def decode_all(self, stored: Sequence[Stored]) -> list[Event]:
        """Decode entries of the log, in order. Raises Undecodable."""


class Undecodable(Exception):
    """An entry cannot be decoded: its bytes, its contract or its type are unknown or broken."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(f"the entry at position {position} cannot be decoded: {reason}")
        self.position, self.reason = position, reason
