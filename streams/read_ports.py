"""The ports to the store of read models. Adapters implement them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol, TypeAlias

from msgspec import Struct

from events.order import NEVER
from projections.read_model import Key, ReadModel
from streams.ports import Codec, Log


class Line(Struct, gc=False):
    """A row, the greatest position of the events that changed it, and `at`; `changed` until it is written.

    `at` is when the last of its order-bound events occurred, in microseconds since 1970: one that occurred earlier is
    late for this row. A row that was removed is None. Its line is kept, because of its `at`.
    """

    row: Any
    position: int
    at: int = NEVER
    changed: bool = False

    def same(self, other: Line | None) -> bool:
        """Report whether the other line has the same row, position and `at`."""
        return (
            other is not None
            and self.row == other.row
            and self.position == other.position
            and self.at == other.at
        )


class Table(Struct, frozen=True):
    """A table with rows of a read model."""

    model: ReadModel[Any]
    name: str


BookmarkName: TypeAlias = tuple[str, int]
"""A read model's name and the number of one of its partitions: each partition has a bookmark."""


class Bookmark(Struct, frozen=True):
    """How far a read model's live table has followed the log: one partition of it, or the slowest.

    `epoch` rises with every change to the rows. A projector that finds another epoch than it expects was not alone.
    """

    table: str
    digest: str
    partitions: int
    position: int
    epoch: int


class Sums(Struct, frozen=True):
    """How many bookmarks there are, and the sums of their epochs and positions.

    Whatever changes bookmarks raises epochs, or positions alone: the sums of the same ones are never again what they were.
    """

    count: int = 0
    epochs: int = 0
    positions: int = 0

    @classmethod
    def of(cls, found: Collection[Bookmark]) -> Sums:
        """Return the sums of bookmarks."""
        return cls(len(found), sum(each.epoch for each in found), sum(each.position for each in found))


class Held(Struct, frozen=True):
    """An event that is quarantined under a tag, and why. `text` is None if only the tag's key is known."""

    tag: int
    text: str | None
    occurred_at: int
    position: int
    type: str
    reason: str


class FirstHeld(Struct):
    """The first held event of a tag, in the order of what occurred, and how many are listed with it."""

    occurred_at: int
    position: int
    listed: int = 0


class RefoldMark(Struct, frozen=True):
    """Rows that lack a correction until they are folded again beside the projector: one row, or all of a value.

    `since` is the greatest position of what rewrote them. Until then the rows follow only what is on time.
    """

    model: str
    value: str
    key: Key | None
    since: int


class Snapshot(NamedTuple):
    """A model's bookmarks by partition, some of its rows and the marks of their values, as of one moment."""

    bookmarks: Mapping[int, Bookmark]
    lines: Mapping[Key, Line]
    marks: Sequence[RefoldMark]

    def marked(self, row: Key) -> bool:
        """Report whether a row lacks a correction."""
        return any(each.value == row[0] and each.key in (None, row) for each in self.marks)


class Renamed(Struct, frozen=True):
    """The value of a tag has become an alias of `into`, or is no alias any more if `into` is None."""

    kind: str
    value: str
    into: str | None
    position: int


class ShadowPlace(Struct, frozen=True):
    """Where a round of the shadow check resumes: after a key of `model`'s rows or, without a model, in the log.

    The round covers the log up to `upto`; in the log it resumes after `position`.
    """

    upto: int
    model: str | None = None
    after: Key | None = None
    position: int = 0


class Walked(Struct, frozen=True):
    """How far the shadow check has come: `done` of `total` rows and positions in this round, and what differs.

    `round_ended` is the end of the last complete round, in microseconds since 1970. `differing` are rows, each
    given by the name of its model and its key. Without a `place` the round is over.
    """

    done: int
    total: int
    round_ended: int | None
    differing: tuple[tuple[str, Key], ...] = ()
    place: ShadowPlace | None = None

    @property
    def share(self) -> float:
        """The share of the round that is done, from 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 1.0


class Unstorable(Exception):
    """Rows have values that the store cannot represent. Nothing was written."""

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__(f"{len(keys)} rows have values that cannot be stored")
        self.keys = keys


class RowsByTag(Protocol):
    """Finds the rows of values of a tag."""

    def of_tags(self, table: Table, values: Sequence[str]) -> Mapping[Key, Line]:
        """Return all rows with these values of the model's tag, those that were removed included."""


class ReadTransaction(RowsByTag, Protocol):
    """Changes to read models that are made together or not at all."""

    def lock(self, names: Collection[BookmarkName] | None = None) -> Mapping[BookmarkName, Bookmark]:
        """Lock bookmarks, all if none are named, and return those that exist."""

    def lock_sums(self, names: Collection[BookmarkName]) -> Sums:
        """Lock bookmarks, and return their sums: whoever finds those that he left knows all bookmarks."""

    def bookmarks(self, names: Collection[BookmarkName]) -> Mapping[BookmarkName, Bookmark]:
        """Return those of the named bookmarks that exist, without a lock."""

    def held(self, model: str, upto: int | None = None) -> Mapping[int, FirstHeld]:
        """Return the keys of a model's held tags (up to a position), each with the first of its events."""

    def load(self, table: Table, keys: Sequence[Key]) -> Mapping[Key, Line]:
        """Return those of the rows that exist, or were removed."""

    def load_all(self, wanted: Sequence[tuple[Table, Sequence[Key]]]) -> Sequence[Mapping[Key, Line]]:
        """Return those of the rows that exist, or were removed, for each of several tables."""

    def write(self, table: Table, lines: Sequence[Line]) -> None:
        """Insert or replace rows. Raises Unstorable."""

    def remove(self, table: Table, removed: Mapping[Key, int | None]) -> None:
        """Delete rows; remember `at` of those that were removed. None stands for a row that never was."""

    def touch(self, table: Table, values: Mapping[str, int]) -> None:
        """Raise the positions of all rows with these values of the model's tag to at least those given."""

    def touch_rows(self, table: Table, rows: Mapping[Key, int]) -> None:
        """Raise the positions of rows to at least those given."""

    def hold(self, model: str, held: Iterable[Held]) -> None:
        """List events as held."""

    def release(self, model: str, tags: Sequence[int] | None = None) -> None:
        """Remove the held events of these tags, or of all, from the list."""

    def mark(self, marks_: Sequence[RefoldMark], /) -> None:
        """Mark rows to be folded again, and wake who does it; of rows that are marked already, raise `since`."""

    def unmark(self, marks_: Sequence[RefoldMark], /) -> None:
        """Remove the marks of these rows, or of all of a value where no key is given, unless they were raised since."""

    def marks(self, model: str, value: str | None = None) -> Sequence[RefoldMark]:
        """Return the marks of a model's rows, or of those of one value."""

    def rename(self, renamed: Sequence[Renamed]) -> None:
        """Record aliases for queries, unless later ones are recorded already."""

    def move(self, positions: Mapping[BookmarkName, int], *, changed: bool = True) -> None:
        """Move bookmarks to these positions, and raise their epochs if rows may have changed."""

    def repartition(self, model: str, partitions: int, position: int) -> None:
        """Replace a model's bookmarks with `partitions` new ones at its current position."""

    def swap(self, table: Table, digest: str, position: int) -> None:
        """Make a table the live one, with all bookmarks at a position, and retire the table before it."""

    def retried(self, model: str, released: int, still_held: int) -> None:
        """Note that a model's quarantine was retried: how many tags were released, and how many are still held."""

    def announce(self, position: int) -> None:
        """Wake those waiting for a position once this transaction has committed."""


class ReadStore(RowsByTag, Protocol):
    """The store of read models. Used by one thread."""

    def transaction(self) -> AbstractContextManager[ReadTransaction]:
        """Begin a transaction, committed on leaving unless an exception passes."""

    def live(self) -> Mapping[str, Bookmark]:
        """Return the live tables by model, each with the position that all its partitions have reached."""

    def held(self, model: str) -> Sequence[Held]:
        """Return a model's held events, in order."""

    def oldest_mark(self) -> RefoldMark | None:
        """Return the mark that was made first, None if there is none."""

    def marked(self, models: Sequence[str], value: str) -> Sequence[RefoldMark]:
        """Return the marks of some models' rows of a value."""

    def create(self, model: ReadModel[Any], digest: str) -> Table:
        """Create an empty table beside the live one."""

    def fill(self, table: Table, lines: Sequence[Line]) -> None:
        """Bulk-load rows that the table does not have. Raises Unstorable."""

    def finish(self, table: Table) -> None:
        """Index a table that has been filled; safe to call from any thread."""

    def drop(self, table: Table) -> None:
        """Drop a table that never became live."""

    def sweep(self, grace_seconds: float) -> int:
        """Drop tables retired longer ago than this, and what broken rebuilds have left; return how many.

        Only while `alone` is held.
        """

    def alone(self) -> AbstractContextManager[None]:
        """Wait for any other rebuild to end, then keep all others out."""

    def tags_at(self, position: int) -> Sequence[int]:
        """Return the keys of the tags of an entry of the log."""

    def differing(self, one: Table, other: Table) -> Iterator[Sequence[Key]]:
        """Yield the keys of rows that differ between two tables of a model."""

    def count(self, table: Table) -> int:
        """Return the number of rows of a table."""

    def keys(self, table: Table, after: Key | None, limit: int) -> Sequence[Key]:
        """Return at most `limit` keys of rows, in order: the first ones, or those after a key."""

    def note(self, walked: Walked) -> None:
        """Save how far the shadow check has come; `round_ended` of None leaves the saved one as it is."""

    def walked(self) -> Walked | None:
        """Return how far the shadow check has come, None if it has never run."""

    def snapshot(self, table: Table, keys: Sequence[Key]) -> Snapshot:
        """Return a model's bookmarks, these of its rows and what is marked of them, all as of one moment."""


class Parts(Struct, frozen=True):
    """What a flow over read models needs, opened for one thread; `more` stores are for threads beside it."""

    log: Log
    codec: Codec
    store: ReadStore
    more: Sequence[ReadStore] = ()


Open: TypeAlias = Callable[[], AbstractContextManager[Parts]]
"""Opens the parts; picklable, so that other processes can open theirs."""
