"""Figures of rebuilding: all read models in one process, and one counting read model against the library's runner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import psycopg

from adapters.contracts.codec import AvroCodec
from adapters.postgres.log.log import PostgresLog
from adapters.run.parts import open_parts
from bench.figure import Figure, in_turn, rate
from bench.library import Projecting
from bench.place import CITY, Place
from events.catalogue import names
from events.entry import Stored, key
from projections.catalogue import READ_MODELS
from projections.read_model import ReadModel
from streams.project.rebuild import Rebuild

ROUNDS = 3
BATCH = 2000
COUNTING = "logins-by-provider"
COUNTED = 2000


def all_models(place: Place) -> Iterator[Figure]:
    """Measure all read models of the sample city, against copying its log out, decoding it and copying it in again."""
    place.city()
    with place.database("bench_rebuild", CITY) as url:
        count, folds = _folds(url)
        rebuild = Rebuild(partial(open_parts, url), grace_seconds=0)
        ours, theirs = in_turn(
            ROUNDS,
            lambda: rate(count, lambda: rebuild.run(READ_MODELS)),
            lambda: rate(count, lambda: _copy_out_and_in(url)),
        )
    yield Figure(
        name=f"rebuild of all {len(READ_MODELS)} read models by one process, against copy out, decode, copy in",
        unit="events/s",
        figure=ours,
        yardstick=theirs,
        target=">= 0.4",
        note=f"{count:,} events, {folds:,} row folds: {ours * folds / count:,.0f} row folds/s",
    )


def _folds(url: str) -> tuple[int, int]:
    """Return the number of events in the log, and the number of rows that they change in total."""
    models = [(each, frozenset(each.fold.events)) for each in READ_MODELS]
    log, codec, folds = PostgresLog(url), AvroCodec(), Counter[str]()
    head = log.head()
    for batch in log.tail(0, head, ()):
        for event in codec.decode_all(batch):
            for model, taken in models:
                if type(event) in taken:
                    folds[model.name] += len(model.keys(event))
    log.close()
    return head, folds.total()


def _count(url: str, model: ReadModel[Any]) -> int:
    """Return the number of events in the log that a model folds."""
    wire, log = names(), PostgresLog(url)
    count = sum(map(len, log.tail(0, log.head(), [key(wire[each]) for each in model.fold.events])))
    log.close()
    return count


def _copy_out_and_in(url: str) -> None:
    codec = AvroCodec()
    with psycopg.connect(url) as out, psycopg.connect(url) as in_:
        in_.execute("CREATE TABLE copied (position bigint PRIMARY KEY, entry bytea)")
        with (
            out.cursor().copy("COPY log.entries (position, entry) TO STDOUT (FORMAT BINARY)") as reading,
            in_.cursor().copy("COPY copied FROM STDIN (FORMAT BINARY)") as writing,
        ):
            reading.set_types(["int8", "bytea"])
            writing.set_types(["int8", "bytea"])
            batch: list[Stored] = []
            for row in reading.rows():
                batch.append(Stored(*row))
                writing.write_row(row)
                if len(batch) == BATCH:
                    codec.decode_all(batch)
                    batch = []
            codec.decode_all(batch)
        in_.rollback()


def one_counter(place: Place) -> Iterator[Figure]:
    """Measure the daily logins of the sample city by identity provider, against the library's runner of one counter."""
    place.city()
    model = next(each for each in READ_MODELS if each.name == COUNTING)
    with place.database("bench_counting", CITY) as url, place.database("bench_library") as other:
        count = _count(url, model)
        rebuild, projecting = Rebuild(partial(open_parts, url), grace_seconds=0), Projecting(other)
        ours, theirs = in_turn(
            5, lambda: rate(count, lambda: rebuild.run([model])), lambda: projecting.rate(COUNTED)
        )
        projecting.close()
    yield Figure(
        name="rebuild of one counting read model, against eventsourcing's ProjectionRunner with one counter",
        unit="events/s",
        figure=ours,
        yardstick=theirs,
        target=">= 40",
        note=f"{COUNTING}: {count:,} events of the sample city; the runner counts {COUNTED:,} at a time",
    )
