"""Rows in memory, written in batches: folding as a worker does, but without exactly-once semantics."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from adapters.contracts.codec import AvroCodec
from adapters.postgres.read.store import PostgresReadModels
from events.event import Event
from projections.catalogue import READ_MODELS
from projections.read_model import Key, ReadModel
from streams.bus.packed import Packed
from streams.bus.topics import kinds, partition_of
from streams.history.aliases import REWRITING
from streams.project.row_cache import KeysOf, keys_of, only_value_of
from streams.read_ports import Line, Table
from streams.workers.partitions import Partition


class Folded:
    """The rows of a read model in memory, and which of them have changed."""

    def __init__(self, table: Table) -> None:
        self.table, self.evolve = table, table.model.fold.evolve
        self.rows: dict[Key, Line] = {}
        self.changed: dict[Key, None] = {}
        self.gone: dict[Key, None] = {}

    def take(self, key: Key, event: Event) -> None:
        line = self.rows.get(key)
        if line is None:
            line = self.rows[key] = Line(self.table.model.row(*key), 0)
        if type(event) in self.table.model.bound:
            line.at = event.occurred_at
        if self.evolve(line.row, event) is not None:
            del self.rows[key]
            self.changed.pop(key, None)
            self.gone[key] = None
        else:
            line.position = event.position
            self.changed[key] = None
            self.gone.pop(key, None)


class Rows:
    """Stands in for a worker's `Partitions`: without bookmarks or held tags, and it ignores events that rewrite history."""

    def __init__(self, url: str, marks: Sequence[int], reached: Callable[[int], None]) -> None:
        self._store, self._codec = PostgresReadModels(url), AvroCodec()
        self._marks, self._reached = list(marks), reached
        self._upto = {(kind, number): 0 for kind, of in kinds().items() for number in range(of)}
        live = self._store.live()
        self._models = [Folded(Table(each, live[each.name].table)) for each in READ_MODELS]
        self._routes: dict[str, dict[type[Event], list[tuple[Folded, KeysOf]]]] = {}
        for each in self._models:
            model = each.table.model
            routes = self._routes.setdefault(model.fold.tag, {})
            for cls in set(model.fold.events) - REWRITING:
                routes.setdefault(cls, []).append((each, _keys_of(model, cls)))

    def take(self, records: Mapping[Partition, Sequence[Packed]]) -> None:
        """Fold records, and write the rows that they have changed in one transaction; tell of marks that all have reached."""
        for (kind, number), packed in records.items():
            events = self._codec.decode_all([entry for each in packed for entry in each.entries])
            self._fold(kind, number, events)
            self._upto[kind, number] = packed[-1].upto
        with self._store.transaction() as store:
            for each in self._models:
                if each.changed:
                    store.write(each.table, [each.rows[key] for key in each.changed])
                    each.changed = {}
                if each.gone:
                    store.remove(each.table, dict.fromkeys(each.gone))
                    each.gone = {}
        while self._marks and min(self._upto.values()) >= self._marks[0]:
            self._reached(self._marks.pop(0))

    def close(self) -> None:
        self._store.close()

    def assign(self, places: Collection[Partition]) -> None:
        """Take partitions as they come."""

    def since(self, _partition: Partition) -> int:
        """Begin at the beginning."""
        return 0

    def positions(self) -> Mapping[Partition, int]:
        return {}

    def look_again(self) -> None:
        """Do nothing: nobody else writes."""

    def _fold(self, kind: str, number: int, events: Sequence[Event]) -> None:
        routes, of = self._routes.get(kind, {}), kinds()[kind]
        for event in events:
            for folded, keys in routes.get(type(event), ()):
                for key in keys(event):
                    if of == 1 or partition_of(key[0], of) == number:
                        folded.take(key, event)


def _keys_of(model: ReadModel[Any], cls: type[Event]) -> KeysOf:
    value_of = only_value_of(model, cls)
    return keys_of(model, cls) if value_of is None else lambda event: ((value_of(event),),)
