"""The ports of fsck: the log's tables as they are stored; and the findings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeAlias

from msgspec import Struct

from events.entry import Stored
from streams.tree.merkle import Piece

TagRow: TypeAlias = tuple[int, int, int]
"""The keys of a tag and of a type, and a position."""
LateTagRow: TypeAlias = tuple[int, int, int, int | None]
"""The same, and when the event occurred if it was not on time."""


class Finding(Struct, frozen=True):
    """Something that is wrong in the stored log: the table, the column, the row, and a sentence that says what."""

    table: str
    column: str
    row: str
    sentence: str

    def __str__(self) -> str:
        """Return it as a line of text."""
        return f"log.{self.table}, {self.row}, {self.column}: {self.sentence}"


class HeadRow(Struct, frozen=True):
    """The head row; `last` is the largest position of an entry at that moment."""

    id: str
    position: int
    recorded_at: int
    tree: bytes | None
    last: int


class EntryRow(Struct, frozen=True):
    """A row of the log's entries."""

    position: int
    identity: bytes
    type: int
    source: int
    tags: tuple[int, ...]
    entry: bytes


class PublishedCheckpoint(Struct, frozen=True):
    """A row of the published checkpoints."""

    origin: str
    size: int
    note: str


class LogTables(Protocol):
    """The log's tables, read in short transactions. Ranges have after < position <= upto."""

    def head(self) -> HeadRow:
        """Return the head row."""

    def entries(self, after: int, upto: int) -> Sequence[Stored]:
        """Return entries, in order."""

    def rows(self, after: int, upto: int) -> Sequence[EntryRow]:
        """Return entries with their derived columns, in order."""

    def pieces(self, level: int, first: int, end: int) -> Sequence[Piece]:
        """Return the pieces of a level of the tree with first <= index < end, in order."""

    def checkpoints(self) -> Sequence[PublishedCheckpoint]:
        """Return the published checkpoints, by size."""

    def absent(self, wanted: Sequence[LateTagRow]) -> Sequence[TagRow]:
        """Return those of the tag rows that are missing, or not so."""

    def tag_rows(self, after: TagRow, upto: int, limit: int) -> tuple[int, int, TagRow]:
        """Walk on through the tag rows: return how many there were, how many of them up to a position, and the last one."""

    def stray_tags(self, after: TagRow, limit: int) -> Sequence[TagRow]:
        """Return those of the next `limit` tag rows that belong to no entry."""

    def strays(self) -> Sequence[Finding]:
        """Return the rows of entries and tiles at places that the log does not have."""


TagsOf: TypeAlias = Callable[[Stored], tuple[str, ...]]
"""Returns the tags of an entry's event; raises any exception if the entry cannot be decoded."""


class StoredLog(Struct, frozen=True):
    """The stored log as one process reads it."""

    tables: LogTables
    tags_of: TagsOf


OpenStoredLog: TypeAlias = Callable[[], AbstractContextManager[StoredLog]]
"""Opens the stored log in any process: it can be pickled."""
