"""The name index: which sealed values have which text, by a keyed hash of it, so that rows are found by name.

It is derived from the log by a process that opens seals, and stands beside the read models: nothing of it is in the log.
It maps values, not rows; the rows decide whose name a value is today. Whoever is erased is forgotten in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Protocol

from msgspec import Struct

from events.catalogue import names
from events.contract import personal_fields
from events.entry import Stored, key
from events.event import Event
from streams.ports import Codec, Log, Undecodable


class FoundBy(Struct, frozen=True, gc=False):
    """A sealed value, the keyed hash of its text, and the id of the key that opens it."""

    hash: bytes
    sealed: bytes
    key: int


class Finder(Protocol):
    """What opens sealed values and hashes their texts."""

    def finding_version(self) -> str:
        """Return what the hashes depend on besides the text: the folding of texts, and the secret."""

    def found_by(self, values: Sequence[bytes]) -> Sequence[FoundBy]:
        """Return those values that can be opened, with their hashes."""

    def destructions(self) -> int:
        """Return a number that rises whenever keys are destroyed."""

    def destroyed_keys(self) -> Collection[int]:
        """Return the ids of all destroyed keys."""


class Standing(Struct, frozen=True):
    """How far an index is: what its hashes depend on, the position of the log, and the destructions that it knows."""

    version: str
    position: int
    destructions: int


class Names(Protocol):
    """The tables of the index."""

    def standing(self) -> Standing | None:
        """Return how far the index is, None if there is none."""

    def begin(self, version: str) -> None:
        """Empty the index and begin at the first position."""

    def add(self, found: Sequence[FoundBy], position: int) -> None:
        """Add values up to a position, in one transaction; those that are there stay."""

    def forget(self, keys: Collection[int], destructions: int) -> None:
        """Delete all values of these keys, in one transaction."""


class NameIndex:
    """Keeps the index. Killed at any point, it resumes where it was; any number of processes may keep the same one."""

    def __init__(self, log: Log, codec: Codec, finder: Finder, tables: Names) -> None:
        self._log, self._codec, self._finder, self._tables = log, codec, finder, tables
        self._types = [key(name) for cls, name in names().items() if findable_fields(cls)]

    def step(self) -> int:
        """Forget who was erased, and index what is new in the log; return how many values came or went through it."""
        version = f"{self._log.id} {self._finder.finding_version()}"
        standing = self._tables.standing()
        if standing is None or standing.version != version:
            self._tables.begin(version)
            standing = Standing(version, 0, 0)
        # Read before anything is opened: what is destroyed from here on is forgotten by the next step.
        destructions = self._finder.destructions()
        if destructions != standing.destructions:
            self._tables.forget(self._finder.destroyed_keys(), destructions)
        return self._follow(standing.position)

    def _follow(self, after: int) -> int:
        count, head = 0, self._log.head()
        if after >= head:
            return 0
        found: Sequence[FoundBy] = ()
        for batch in self._log.tail(after, head, self._types):
            if found:
                self._tables.add(found, after)
            found = self._finder.found_by([value for each in batch for value in self._values(each)])
            after, count = batch[-1].position, count + len(found)
        self._tables.add(found, head)
        return count

    def _values(self, stored: Stored) -> Iterator[bytes]:
        try:
            event: Event = self._codec.decode(stored)
        except Undecodable:
            return  # whoever folds it holds it, and reports it
        for name in findable_fields(type(event)):
            if (value := getattr(event, name)) is not None:
                yield value


def findable_fields(cls: type[Event]) -> list[str]:
    """Return the names of the fields by which a row can be found."""
    return [each.name for each in personal_fields(cls) if each.personal and each.personal.findable]
