"""The log in memory: the same semantics, for tests."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from threading import RLock
from uuid import uuid4

from msgspec import Struct, structs

from adapters.clock import now
from events.entry import Proposal, Stored, complete, key, parse
from events.order import late_at
from streams.ports import (
    Appended,
    Change,
    Condition,
    History,
    IdentityTaken,
    Mark,
    Overtaken,
    Ready,
    Selection,
    Window,
    always,
)
from streams.tree.merkle import WIDTH, Tile, Tree
from streams.tree.verifier import HASH_BYTES, leaf_hash

_BATCH = 1000


class _Row(Struct, frozen=True):
    stored: Stored
    change: Change
    source: int
    recorded_at: int


class MemoryLog:
    """The port `Log` over a list; all methods may be called from any thread."""

    def __init__(self, *, clock: Callable[[], int] = now) -> None:
        self._id = str(uuid4())
        self._clock = clock
        self._lock = RLock()
        self._rows: list[_Row] = []
        self._identities: dict[tuple[str, str], int] = {}
        self._tree = Tree()
        self._tiles: dict[int, bytes] = {}
        self._marks: dict[str, Mark] = {}

    @property
    def id(self) -> str:
        """The log's id."""
        return self._id

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def head(self) -> int:
        """Return the last position."""
        return len(self._rows)

    def append(
        self,
        batch: Sequence[Proposal],
        condition: Condition | None = None,
        marks: Sequence[Mark] = (),
        ready: Ready = always,
    ) -> Appended:
        """Append a batch as a whole or not at all."""
        tails = [proposal.tail() for proposal in batch]
        ready()
        with self._lock:
            head = len(self._rows)
            others = self.changes(condition.seen) if condition else []
            if condition:
                condition.check(head, others)
            identities = {(each.source, each.id): head + n for n, each in enumerate(batch, 1)}
            if len(identities) < len(batch) or identities.keys() & self._identities.keys():
                raise IdentityTaken("an event with the same source and id is in the log already")
            self.move(marks)
            recorded_at = max(self._rows[-1].recorded_at if self._rows else 0, self._clock())
            rows = [
                _row(head + n, proposal, tail, recorded_at)
                for n, (proposal, tail) in enumerate(zip(batch, tails, strict=True), 1)
            ]
            self._identities |= identities
            self._rows += rows
            self._grow([leaf_hash(row.stored.entry) for row in rows])
        return Appended(head + 1, recorded_at, others)

    def _grow(self, leaves: Sequence[bytes]) -> None:
        grown, levels = self._tree.grown(leaves)
        for piece in self._tree.pieces(levels):
            self._tiles[piece.level] = self._tiles.get(piece.level, b"") + piece.hashes
        self._tree = grown

    def tree(self) -> Tree:
        """Return the tree over all entries."""
        return self._tree

    def tiles(self, wanted: Sequence[Tile]) -> Sequence[bytes]:
        """Return the hashes of tiles."""
        size = WIDTH * HASH_BYTES
        return [self._tiles.get(level, b"")[size * number :][:size] for level, number in wanted]

    def move(self, marks: Sequence[Mark]) -> None:
        """Move all marks or none."""
        with self._lock:
            moved = {each.name: structs.replace(each, moves=each.moves + 1) for each in marks}
            if any(self._marks.get(each.name, each).moves != each.moves for each in marks):
                raise Overtaken("another reader has moved a mark")
            self._marks |= moved

    def marks(self, names: Sequence[str]) -> Mapping[str, Mark]:
        """Return marks by name."""
        return {name: self._marks[name] for name in names if name in self._marks}

    def changes(self, after: int) -> Sequence[Change]:
        """Return what has come after a position."""
        return [row.change for row in self._rows[after:]]

    def read(self, after: int = 0, upto: int | None = None, limit: int = 1000) -> Sequence[Stored]:
        """Return a stretch of the log."""
        return [row.stored for row in self._rows[after:upto][:limit]]

    def select(self, selection: Selection) -> Sequence[Stored]:
        """Return the selected entries."""
        rows = [row for row in self._rows[selection.after : selection.upto] if _selected(selection, row)]
        if selection.backwards:
            rows.reverse()
        return [row.stored for row in rows[: selection.limit]]

    def position_at(self, recorded_at: int) -> int:
        """Return the last position recorded by then."""
        return sum(row.recorded_at <= recorded_at for row in self._rows[:])

    def histories(self, wanted: Sequence[History], upto: int | None = None) -> Sequence[Stored]:
        """Return the entries of several histories."""
        return [
            row.stored for row in self._rows[:upto] if any(_in_history(each, row.change) for each in wanted)
        ]

    def windows(self, wanted: Sequence[Window], upto: int | None = None) -> Sequence[Stored]:
        """Return the entries of several windows."""
        return [row.stored for row in self._rows[:upto] if any(_in_window(each, row) for each in wanted)]

    def late(
        self, history: History, after: tuple[int, int], upto: int, limit: int
    ) -> Sequence[tuple[int, Stored]]:
        """Return entries of a history that were not on time."""
        found = [
            (late, row.stored)
            for row in self._rows[:upto]
            if _in_history(history, row.change)
            and (late := late_at(_occurred_at(row), row.recorded_at)) is not None
            and (late, row.stored.position) > after
        ]
        return sorted(found, key=lambda each: (each[0], each[1].position))[:limit]

    def counts(self, wanted: Sequence[History], most: int) -> Sequence[int]:
        """Return how many entries each history has."""
        return [min(most, len(self.histories([each]))) for each in wanted]

    def find(self, identities: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Stored]:
        """Return what the log has under these identities."""
        with self._lock:
            return {
                identity: self._rows[self._identities[identity] - 1].stored
                for identity in identities
                if identity in self._identities
            }

    def tail(self, after: int, upto: int, types: Collection[int]) -> Iterator[Sequence[Stored]]:
        """Walk a range in batches."""
        rows = [row.stored for row in self._rows[after:upto] if not types or row.change.type in types]
        for start in range(0, len(rows), _BATCH):
            yield rows[start : start + _BATCH]


def _row(position: int, proposal: Proposal, tail: bytes, recorded_at: int) -> _Row:
    tags = tuple(dict.fromkeys(map(key, proposal.tags)))
    return _Row(
        Stored(position, complete(tail, recorded_at)),
        Change(position, key(proposal.type), tags),
        key(proposal.source),
        recorded_at,
    )


def _selected(selection: Selection, row: _Row) -> bool:
    return (
        set(selection.tags) <= set(row.change.tags)
        and (not selection.types or row.change.type in selection.types)
        and (selection.source is None or row.source == selection.source)
    )


def _occurred_at(row: _Row) -> int:
    return parse(row.stored.entry).occurred_at


def _in_window(wanted: Window, row: _Row) -> bool:
    return (
        wanted.tag in row.change.tags
        and row.change.type in wanted.types
        and wanted.begin <= _occurred_at(row) < wanted.end
    )


def _in_history(wanted: History, change: Change) -> bool:
    return change.position > wanted.after and wanted.tag in change.tags and change.type in wanted.types
