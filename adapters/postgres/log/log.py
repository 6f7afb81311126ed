"""The log in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from uuid import UUID

from msgspec import structs

from adapters.clock import now
from adapters.postgres.connections import ReadPool, connect, unavailable
from adapters.postgres.log import queries, schema
from adapters.postgres.log.append import Appender
from events.entry import Proposal, Stored, identity_key, parse
from events.order import MOST_AHEAD, MOST_BEHIND
from streams.ports import (
    Appended,
    Change,
    Condition,
    History,
    Mark,
    Ready,
    Selection,
    Window,
    always,
)
from streams.tree.merkle import Tile, Tree

_LAST = 2**63 - 1
_BATCH = 2000
_WIDEST = 1_000_000


class PostgresLog:
    """The port `Log` over PostgreSQL: one connection appends, up to `readers` others read.

    Creates its tables if they are missing; raises FormatFault if they are of another format. All methods may be
    called from any thread.
    """

    def __init__(self, url: str, *, readers: int = 8, clock: Callable[[], int] = now) -> None:
        with unavailable(), connect(url) as connection:
            schema.create(connection)
        self._readers = ReadPool(url, readers)
        self._appender = Appender(url, clock)
        (self._id,) = self._readers.fetch(str, queries.ID)

    @property
    def id(self) -> str:
        """The log's id."""
        return self._id

    def close(self) -> None:
        """Close the connections."""
        self._appender.close()
        self._readers.close()

    def append(
        self,
        batch: Sequence[Proposal],
        condition: Condition | None = None,
        marks: Sequence[Mark] = (),
        ready: Ready = always,
    ) -> Appended:
        """Append a batch, and move marks, as one transaction, durable on return."""
        return self._appender.append(batch, condition, marks, ready)

    def move(self, marks: Sequence[Mark]) -> None:
        """Move marks without appending anything."""
        self._appender.move(marks)

    def marks(self, names: Sequence[str]) -> Mapping[str, Mark]:
        """Return marks by name."""
        return {each.name: each for each in self._readers.fetch(_mark, queries.MARKS, names=list(names))}

    def head(self) -> int:
        """Return the last position."""
        (head,) = self._readers.fetch(int, queries.HEAD)
        return head

    def tree(self) -> Tree:
        """Return the tree over all entries."""
        (stored,) = self._readers.fetch(bytes, queries.TREE)
        return Tree.of(stored)

    def tiles(self, wanted: Sequence[Tile]) -> Sequence[bytes]:
        """Return the hashes of tiles."""
        levels, numbers = [each.level for each in wanted], [each.number for each in wanted]
        return self._readers.fetch(bytes, queries.TILES, levels=levels, numbers=numbers)

    def changes(self, after: int) -> Sequence[Change]:
        """Return the changes after a position."""
        return self._readers.fetch(_change, queries.CHANGES, after=after)

    def read(self, after: int = 0, upto: int | None = None, limit: int = 1000) -> Sequence[Stored]:
        """Return a stretch of the log."""
        return self.select(Selection(after=after, upto=upto, limit=limit))

    def select(self, selection: Selection) -> Sequence[Stored]:
        """Return the selected entries, found by the rarest of the criteria."""
        selection = self._rarest_first(selection)
        query = queries.select(selection, by_source=self._starts_from_source(selection))
        upto = _LAST if selection.upto is None else selection.upto
        return self._readers.fetch(Stored, query, **queries.parameters(selection), upto=upto)

    def position_at(self, recorded_at: int) -> int:
        """Return the last position recorded by this time."""
        return self._positions_at([recorded_at])[recorded_at]

    def _positions_at(self, times: Collection[int]) -> dict[int, int]:
        found = self._readers.fetch(int, queries.POSITIONS_AT, times=list(times))
        return dict(zip(times, found, strict=True))

    def histories(self, wanted: Sequence[History], upto: int | None = None) -> Sequence[Stored]:
        """Return the entries of several histories in one query."""
        places: dict[tuple[int, ...], int] = {}
        return self._readers.fetch(
            Stored,
            queries.HISTORIES,
            tags=[history.tag for history in wanted],
            places=[places.setdefault(history.types, len(places) + 1) for history in wanted],
            afters=[history.after for history in wanted],
            sets=list(map(_array, places)),
            upto=_LAST if upto is None else upto,
        )

    def windows(self, wanted: Sequence[Window], upto: int | None = None) -> Sequence[Stored]:
        """Return the entries of several windows in one query: those on time lie between two positions."""
        times = {each.begin - MOST_AHEAD - 1 for each in wanted} | {each.end + MOST_BEHIND for each in wanted}
        positions = self._positions_at(times)
        places: dict[tuple[int, ...], int] = {}
        return self._readers.fetch(
            Stored,
            queries.WINDOWS,
            tags=[each.tag for each in wanted],
            places=[places.setdefault(each.types, len(places) + 1) for each in wanted],
            afters=[positions[each.begin - MOST_AHEAD - 1] for each in wanted],
            untils=[positions[each.end + MOST_BEHIND] for each in wanted],
            begins=[each.begin for each in wanted],
            ends=[each.end for each in wanted],
            sets=list(map(_array, places)),
            upto=_LAST if upto is None else upto,
        )

    def late(
        self, history: History, after: tuple[int, int], upto: int, limit: int
    ) -> Sequence[tuple[int, Stored]]:
        """Return entries of a history that were not on time, by their own index."""
        return self._readers.fetch(
            _late,
            queries.LATE,
            tag=history.tag,
            types=list(history.types),
            after=history.after,
            time=after[0],
            place=after[1],
            upto=upto,
            limit=limit,
        )

    def counts(self, wanted: Sequence[History], most: int) -> Sequence[int]:
        """Return how many entries each history has, counted along the index."""
        return self._readers.fetch(
            int,
            queries.COUNTS,
            tags=[each.tag for each in wanted],
            types=[_array(each.types) for each in wanted],
            afters=[each.after for each in wanted],
            most=most,
        )

    def find(self, identities: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Stored]:
        """Return the entries with these identities."""
        keys = [UUID(bytes=identity_key(*identity)) for identity in identities]
        found = self._readers.fetch(Stored, queries.FIND, identities=keys)
        headers = ((parse(stored.entry), stored) for stored in found)
        asked = set(identities)
        return {one: stored for header, stored in headers if (one := (header.source, header.id)) in asked}

    def tail(self, after: int, upto: int, types: Collection[int]) -> Iterator[Sequence[Stored]]:
        """Walk a range in batches; stretches without these types are crossed in growing steps."""
        step, wanted = _BATCH, tuple(types)
        while after < upto:
            end = min(after + step, upto)
            found = self.select(Selection(types=wanted, after=after, upto=end, limit=_BATCH))
            full = len(found) == _BATCH
            step = _BATCH if full else min(2 * step, _WIDEST)
            after = found[-1].position if full else end
            if found:
                yield found

    def _rarest_first(self, selection: Selection) -> Selection:
        if len(selection.tags) <= 1:
            return selection
        counts = self._readers.fetch(int, queries.COUNT_TAGS, tags=list(selection.tags))
        ranked = sorted(zip(counts, selection.tags, strict=True))
        return structs.replace(selection, tags=tuple(tag for _, tag in ranked))

    def _starts_from_source(self, selection: Selection) -> bool:
        if selection.source is None or not selection.types or selection.tags:
            return selection.source is not None
        (count,) = self._readers.fetch(int, queries.COUNT_SOURCE, source=selection.source)
        return count < queries.MANY


def _array(numbers: Sequence[int]) -> str:
    """Return numbers as an array in the text that PostgreSQL reads."""
    return f"{{{','.join(map(str, numbers))}}}"


def _late(late_at: int, position: int, entry: bytes) -> tuple[int, Stored]:
    return late_at, Stored(position, entry)


def _mark(name: str, position: int, waiting: list[int], *counts: int) -> Mark:
    return Mark(name, position, tuple(waiting), *counts)


def _change(position: int, kind: int, tags: list[int]) -> Change:
    return Change(position, kind, tuple(tags))
