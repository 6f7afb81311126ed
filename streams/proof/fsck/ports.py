"""What verifying stands on: the log's tables as they are stored, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeAlias

from msgspec import Struct

from events.entry import Stored
from streams.tree.merkle import Piece

TagRow: TypeAlias = tuple[int, int, int]
"""The keys of a tag and of a type, and a position."""


class Finding(Struct, frozen=True):
    """Something that is not as it must be: in which table and column, at which row, and what is wrong."""

    table: str
    column: str
    row: str
    sentence: str

    def __str__(self) -> str:
        """Tell it in a line."""
        return f"log.{self.table}, {self.row}, {self.column}: {self.sentence}"


class Head(Struct, frozen=True):
    """The head row; `last` is the largest position of an entry at the same moment."""

    id: str
    position: int
    recorded_at: int
    tree: bytes | None
    last: int


class Row(Struct, frozen=True):
    """A row of the log's entries."""

    position: int
    identity: bytes
    type: int
    source: int
    tags: tuple[int, ...]
    entry: bytes


class Published(Struct, frozen=True):
    """A row of the published checkpoints."""

    origin: str
    size: int
    note: str


class Tables(Protocol):
    """The log's tables, read in short transactions. Ranges have after < position <= upto."""

    def head(self) -> Head:
        """Return the head row."""

    def entries(self, after: int, upto: int) -> Sequence[Stored]:
        """Return entries, in order."""

    def rows(self, after: int, upto: int) -> Sequence[Row]:
        """Return entries with what is derived from them, in order."""

    def pieces(self, level: int, first: int, end: int) -> Sequence[Piece]:
        """Return the pieces of a level of the tree that begin in a range of it, in order."""

    def checkpoints(self) -> Sequence[Published]:
        """Return the published checkpoints, by size."""

    def absent(self, wanted: Sequence[TagRow]) -> Sequence[TagRow]:
        """Return those of the tag rows that are not there."""

    def tag_rows(self, after: TagRow, upto: int, limit: int) -> tuple[int, int, TagRow]:
        """Walk on through the tag rows: return how many were walked, how many are up to a position, and the last."""

    def stray_tags(self, after: TagRow, limit: int) -> Sequence[TagRow]:
        """Return those of the next tag rows that no entry has."""

    def strays(self) -> Sequence[Finding]:
        """Return rows of entries and tiles that are where the log has none."""


TagsOf: TypeAlias = Callable[[Stored], tuple[str, ...]]
"""Gives the tags that an entry's event has; raises whatever where it cannot be read."""


class Parts(Struct, frozen=True):
    """What one process verifies with."""

    tables: Tables
    tags_of: TagsOf


Open: TypeAlias = Callable[[], AbstractContextManager[Parts]]
"""Opens the parts anew, in any process: it can be pickled."""
