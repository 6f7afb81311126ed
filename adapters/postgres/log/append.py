"""Appending: one transaction under the lock of the head row, in four round trips (docs/log.md)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from threading import Lock

from psycopg.errors import UniqueViolation
from psycopg.pq.abc import PGresult
from psycopg.sql import quote

from adapters.postgres.connections import Connection, alive, connect, unavailable
from adapters.postgres.log.copy_rows import entry_rows, tag_fields, tag_rows
from adapters.postgres.log.exchange import abandon, feed, results, run
from events.entry import Proposal, complete
from streams.ports import Appended, Change, Condition, IdentityTaken, Mark, Overtaken, Ready
from streams.tree.merkle import Tree

# Planned once per connection: planning would cost a small batch a tenth of its time.
_PREPARE = """
PREPARE lock AS SELECT position, recorded_at, tree FROM log.head FOR UPDATE;
PREPARE others (bigint) AS SELECT position, type, tags FROM log.entries WHERE position > $1 ORDER BY position;
PREPARE piece (smallint, bigint, bytea) AS INSERT INTO log.tiles VALUES ($1, $2, $3);
PREPARE advance (bigint, bigint, bytea) AS UPDATE log.head SET position = $1, recorded_at = $2, tree = $3;
PREPARE mark (text, bigint, bigint[], bigint, bigint, bigint, bigint) AS
    INSERT INTO log.marks AS m VALUES ($1, $2, $3, $4 + 1, $5, $6, $7) ON CONFLICT (name) DO UPDATE
    SET position = $2, waiting = $3, moves = $4 + 1, recorded = $5, repeated = $6, refused = $7 WHERE m.moves = $4;
"""
_BEGIN = b"BEGIN; EXECUTE lock;"
_OTHERS = b"EXECUTE others (%d);"
_COPIES = b"COPY log.tags FROM STDIN (FORMAT BINARY); COPY log.entries FROM STDIN (FORMAT BINARY)"
_PIECE = b"EXECUTE piece (%d, %d, '\\x%b');"
_COMMIT = b"EXECUTE advance (%d, %d, %b); COMMIT"
_MARK = b"EXECUTE mark (%b, %d, '{%b}', %d, %d, %d, %d);"


class Appender:
    """The one connection that this process appends with."""

    def __init__(self, url: str, clock: Callable[[], int]) -> None:
        self._url, self._clock = url, clock
        self._lock = Lock()
        self._connection: Connection | None = None

    def append(
        self, batch: Sequence[Proposal], condition: Condition | None, marks: Sequence[Mark], ready: Ready
    ) -> Appended:
        """Append as the port says. What can be refused without the lock is refused before the lock is taken.

        If the connection is lost during the commit, nobody knows whether the batch was committed: LogUnavailable is
        raised, and if it was committed, trying again raises IdentityTaken.
        """
        tails = [proposal.tail() for proposal in batch]
        tags = [tag_fields(proposal) for proposal in batch]
        ready()
        with self._lock, unavailable():
            connection = self._connected()
            try:
                return self._transaction(connection, batch, condition, marks=marks, tags=tags, tails=tails)
            except UniqueViolation as error:
                if error.diag.constraint_name != "entries_identity":
                    raise
                raise IdentityTaken("an event with the same source and id is in the log already") from error
            finally:
                abandon(connection)

    def move(self, marks: Sequence[Mark]) -> None:
        """Move marks as the port says."""
        with self._lock, unavailable():
            connection = self._connected()
            try:
                run(connection, b"BEGIN")
                _move(connection, marks)
                run(connection, b"COMMIT")
            finally:
                abandon(connection)

    def close(self) -> None:
        """Close the connection once no append is in progress."""
        with self._lock:
            if self._connection:
                self._connection.close()

    def _connected(self) -> Connection:
        if self._connection is None or not alive(self._connection):
            self._connection = connect(self._url)
            self._connection.execute(_PREPARE)
        return self._connection

    def _transaction(
        self,
        connection: Connection,
        batch: Sequence[Proposal],
        condition: Condition | None,
        *,
        marks: Sequence[Mark],
        tags: Sequence[tuple[bytes, ...]],
        tails: Sequence[bytes],
    ) -> Appended:
        begin = _BEGIN + (_OTHERS % condition.seen if condition else b"") + _COPIES
        _, state, *found, _ = run(connection, begin)
        head, last_recorded_at = (_integer(state, 0, column) for column in (0, 1))
        tree = state.get_value(0, 2) or b""
        others = _changes(found[0]) if condition else []
        if condition:
            condition.check(head, others)
        recorded_at = max(last_recorded_at, self._clock())
        feed(connection, tag_rows(head + 1, recorded_at, batch, tags))
        # The server is busy with the tags, so packing and hashing the entries here costs no time.
        entries = entry_rows(head + 1, recorded_at, batch, tags, tails)
        growth, tree = _grown(tree, recorded_at, tails)
        results(connection)
        feed(connection, entries)
        results(connection)
        _move(connection, marks)
        run(connection, growth + _COMMIT % (head + len(batch), recorded_at, tree))
        return Appended(head + 1, recorded_at, others)


def _grown(stored: bytes, recorded_at: int, tails: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Return the statements that store the new hashes of the tree, and the tree.

    Leaves are hashed as by `streams.tree.verifier.leaf_hash`, but a third faster: their common prefix is joined once.
    """
    tree = Tree.of(bytes.fromhex(stored[2:].decode()))
    begun = b"\0" + complete(b"", recorded_at)
    grown, levels = tree.grown([sha256(begun + tail).digest() for tail in tails])
    pieces = [_PIECE % (level, first, hashes.hex().encode()) for level, first, hashes in tree.pieces(levels)]
    return b"".join(pieces), b"'\\x%b'" % grown.stored.hex().encode()


def _move(connection: Connection, marks: Sequence[Mark]) -> None:
    """Move marks in this transaction, always in the same order, so that no two transactions wait for each other."""
    if not marks:
        return
    ordered = sorted(marks, key=lambda each: each.name)
    moved = run(connection, b"".join(_moving(connection, mark) for mark in ordered))
    for mark, found in zip(ordered, moved, strict=True):
        if not found.command_tuples:
            raise Overtaken(f"another reader has moved the mark {mark.name}")


def _moving(connection: Connection, mark: Mark) -> bytes:
    name, waiting = quote(mark.name, connection).encode(), ",".join(map(str, mark.waiting)).encode()
    counts = mark.moves, mark.recorded, mark.repeated, mark.refused
    return _MARK % (name, mark.position, waiting, *counts)


def _changes(found: PGresult) -> list[Change]:
    return [
        Change(_integer(found, row, 0), _integer(found, row, 1), _integers(found, row, 2))
        for row in range(found.ntuples)
    ]


def _integer(found: PGresult, row: int, column: int) -> int:
    return int(found.get_value(row, column) or b"0")


def _integers(found: PGresult, row: int, column: int) -> tuple[int, ...]:
    inside = (found.get_value(row, column) or b"{}")[1:-1]
    return tuple(map(int, inside.split(b","))) if inside else ()
