"""The ports to where read models live. Adapters implement them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias

from msgspec import Struct

from projections.read_model import Key, ReadModel
from streams.history.aliases import Renamed
from streams.ports import Codec, Log


class Line(Struct, gc=False):
    """A row and the position of the event that last changed it."""

    row: Any
    position: int
    changed: bool = False

    def same(self, other: Line | None) -> bool:
        """Whether the other is the same row as of the same position."""
        return other is not None and self.row == other.row and self.position == other.position


class Table(Struct, frozen=True):
    """A table of a read model's rows."""

    model: ReadModel[Any]
    name: str


Mark: TypeAlias = tuple[str, int]
"""Names a bookmark: a read model, and a partition of it."""


class Live(Struct, frozen=True):
    """The table that a read model is read from, and a bookmark: of one partition, or what all have reached.

    `epoch` rises with every change to the rows: who finds another one than expected was not alone.
    """

    table: str
    digest: str
    partitions: int
    position: int
    epoch: int


class Held(Struct, frozen=True):
    """An event that is kept from the rows of a tag, and why. `text` is None where only the key is known."""

    tag: int
    text: str | None
    position: int
    type: str
    reason: str


class Place(Struct, frozen=True):
    """Where a round of the shadow check is: in the rows of `model`, after a key, or, without one, in the log.

    There it is after `position`, and goes up to `upto`.
    """

    upto: int
    model: str | None = None
    after: Key | None = None
    position: int = 0


class Walked(Struct, frozen=True):
    """How far the shadow check is: `done` of `total` rows and positions in this round, and what differs.

    `round_ended` is when the last round was over, in microseconds since 1970. `differing` are rows, each the
    name of a model and its key. Without a `place` the round is over.
    """

    done: int
    total: int
    round_ended: int | None
    differing: tuple[tuple[str, Key], ...] = ()
    place: Place | None = None

    @property
    def share(self) -> float:
        """The share of the round that is done."""
        return min(1.0, self.done / self.total) if self.total else 1.0


class Unstorable(Exception):
    """Rows have values that the store cannot take. Nothing was written."""

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__(f"{len(keys)} rows have values that cannot be stored")
        self.keys = keys


class ReadTransaction(Protocol):
    """What happens to read models together or not at all."""

    def lock(self, marks: Collection[Mark] | None = None) -> Mapping[Mark, Live]:
        """Lock bookmarks, all if none are named, and return those that there are."""

    def bookmarks(self, marks: Collection[Mark]) -> Mapping[Mark, Live]:
        """Return those of the bookmarks that there are; they may move meanwhile."""

    def held(self, model: str, upto: int | None = None) -> Mapping[int, int]:
        """Return the keys of the tags that are held (up to a position), each with how many events are listed."""

    def load(self, table: Table, keys: Sequence[Key]) -> Mapping[Key, Line]:
        """Return those of the rows that exist."""

    def load_all(self, wanted: Sequence[tuple[Table, Sequence[Key]]]) -> Sequence[Mapping[Key, Line]]:
        """Return those of the rows of several tables that exist, for each table."""

    def of_tags(self, table: Table, values: Sequence[str]) -> Mapping[Key, Line]:
        """Return all rows of these values of the model's tag."""

    def write(self, table: Table, lines: Sequence[Line]) -> None:
        """Insert or replace rows. Raises Unstorable."""

    def delete(self, table: Table, keys: Sequence[Key]) -> None:
        """Delete rows."""

    def touch(self, table: Table, values: Mapping[str, int]) -> None:
        """Raise the positions of all rows of these values of the model's tag to at least these."""

    def hold(self, model: str, held: Iterable[Held]) -> None:
        """Add to what is held."""

    def release(self, model: str, tags: Sequence[int] | None = None) -> None:
        """Hold these tags no longer, or none at all."""

    def rename(self, renamed: Sequence[Renamed]) -> None:
        """Write down aliases for those who query; what is newer stays."""

    def move(self, marks: Mapping[Mark, int], *, changed: bool = True) -> None:
        """Move bookmarks to these positions, and raise the epochs of those whose rows may have changed."""

    def repartition(self, model: str, partitions: int, position: int) -> None:
        """Give a model so many bookmarks, all at the position that those which it has are at."""

    def swap(self, table: Table, digest: str, position: int) -> None:
        """Make a table the live one, all partitions as of a position; the one before it is retired."""

    def retried(self, model: str, released: int, still_held: int) -> None:
        """Note that all that a model holds was folded again: how many tags were released, how many are still held."""

    def announce(self, position: int) -> None:
        """Wake those who wait for a position, once this transaction is over."""


class ReadStore(Protocol):
    """Where read models live. One thread uses it."""

    def transaction(self) -> AbstractContextManager[ReadTransaction]:
        """Begin a transaction, committed on leaving unless an exception passes."""

    def live(self) -> Mapping[str, Live]:
        """Return the live tables by model, each with the position that all its partitions have reached."""

    def held(self, model: str) -> Sequence[Held]:
        """Return what is held of a model, in order."""

    def create(self, model: ReadModel[Any], digest: str) -> Table:
        """Make an empty table beside the live one."""

    def fill(self, table: Table, lines: Sequence[Line]) -> None:
        """Add rows that the table does not have, as fast as can be. Raises Unstorable."""

    def finish(self, table: Table) -> None:
        """Index a table that has been filled; any thread may ask for it."""

    def drop(self, table: Table) -> None:
        """Drop a table that never became live."""

    def sweep(self, grace_seconds: float) -> int:
        """Drop tables retired longer ago, and what broken rebuilds have left; return how many.

        Only where `alone` is held.
        """

    def alone(self) -> AbstractContextManager[None]:
        """Keep all other rebuilds out, waiting for one that runs."""

    def tags_at(self, position: int) -> Sequence[int]:
        """Return the keys of the tags of an entry of the log."""

    def differing(self, one: Table, other: Table) -> Iterator[Sequence[Key]]:
        """Give the keys of rows that are not the same in two tables of a model."""

    def count(self, table: Table) -> int:
        """Return how many rows a table has."""

    def keys(self, table: Table, after: Key | None, limit: int) -> Sequence[Key]:
        """Return at most so many keys of rows, in order: the first ones, or those after a key."""

    def note(self, walked: Walked) -> None:
        """Write down how far the shadow check is; who does not tell when a round ended leaves what is known."""

    def walked(self) -> Walked | None:
        """Return how far the shadow check is, None where it has never run."""

    def snapshot(self, table: Table, keys: Sequence[Key]) -> tuple[Mapping[int, Live], Mapping[Key, Line]]:
        """Return a model's bookmarks by partition and these of its rows, all as of one moment."""


class Parts(Struct, frozen=True):
    """What a flow over read models stands on, opened for one thread; `more` stores are for others beside it."""

    log: Log
    codec: Codec
    store: ReadStore
    more: Sequence[ReadStore] = ()


Open: TypeAlias = Callable[[], AbstractContextManager[Parts]]
"""Opens the parts; it can be sent to another process."""
