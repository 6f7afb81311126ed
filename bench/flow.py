"""Figures of the flows: publishing through door and rules, single publishes in groups, rebuilding read models."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from tempfile import TemporaryDirectory

import msgspec
import psycopg
from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from eventsourcing.dcb.postgres_tt import PostgresDCBRecorderTT
from eventsourcing.postgres import PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from adapters.door import Door
from adapters.postgres.log import PostgresLog
from adapters.postgres.read_models import open_parts
from adapters.settings import Settings, read_settings
from adapters.upstream import lines
from adapters.upstream.city import city
from adapters.wiring import Site, site_on
from bench.log import Figure, database
from events.entry import Stored
from projections.catalogue import READ_MODELS
from streams.group import Committer
from streams.rebuild import Rebuild
from streams.request import Recorded, Request

PEOPLE, SEED, BATCH = 10_000, 7, 1000
CLIENTS, WRITERS, SINGLES = 64, 8, 4000


def settings(home: str) -> Settings:
    return read_settings({"PUJIANG_HOME": home})


def batches(size: int) -> Iterator[bytes]:
    walking = lines(city(PEOPLE, SEED))
    while part := list(islice(walking, size)):
        yield b"[" + b",".join(part) + b"]"


def publish_against_append(server: str) -> Iterator[Figure]:
    """The sample city by door, sealing and rules, beside the bare append of the same events; batch by batch."""
    bodies = list(batches(BATCH))
    with (
        TemporaryDirectory() as home,
        database(server, "bench_publish") as url,
        database(server, "bench_bare") as bare,
        site_on(settings(home), url) as site,
    ):
        log, count, taken, appended = PostgresLog(bare), 0, 0.0, 0.0
        door, publisher = Door(site.codec, site.sealer), site.publisher()
        for body in bodies:
            started = time.perf_counter()
            request = door.batch(body)
            publisher.settle([request])
            taken += time.perf_counter() - started
            assert all(isinstance(each, Recorded) for each in request.verdicts)
            started = time.perf_counter()
            log.append(request.proposals)
            appended += time.perf_counter() - started
            count += len(request.events)
        log.close()
        ours, theirs = count / taken, count / appended
        yield Figure("publish in process, 1000: door, sealing, rules", ours, theirs, ours / theirs, ">= 0.5")
        yield from rebuild(url, site, count)


def rebuild(url: str, site: Site, count: int) -> Iterator[Figure]:
    """All read models by one process, beside copying the log out, decoding it and copying it in again."""
    started = time.perf_counter()
    Rebuild(partial(open_parts, url)).run(READ_MODELS)
    ours = count / (time.perf_counter() - started)
    started = time.perf_counter()
    stored = [each for part in site.log.tail(0, count, ()) for each in part]
    rows = [msgspec.structs.astuple(each) for each in site.codec.decode_all(stored)]
    _copy_in(url, stored)
    assert len(rows) == count
    theirs = count / (time.perf_counter() - started)
    yield Figure("rebuild of all read models, one process", ours, theirs, ours / theirs, ">= 0.4")


def _copy_in(url: str, stored: list[Stored]) -> None:
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE copied (position bigint PRIMARY KEY, entry bytea)")
        with cursor.copy("COPY copied FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["int8", "bytea"])
            for each in stored:
                copy.write_row((each.position, each.entry))


def singles_against_dcb(server: str) -> Iterator[Figure]:
    """64 clients with one event at a time, in groups and by rules, beside the library's recorder with 8 writers."""
    with (
        TemporaryDirectory() as home,
        database(server, "bench_singles") as url,
        site_on(settings(home), url) as site,
    ):
        door = Door(site.codec, site.sealer)
        requests = [door.single(line) for line in islice(lines(city(PEOPLE, SEED)), SINGLES)]
        first, rest = requests[:200], requests[200:]
        publisher = site.publisher()
        publisher.settle(first)
        committer = Committer(publisher)
        committer.start()

        def send(request: Request) -> None:
            committer.submit(request).result()

        with ThreadPoolExecutor(CLIENTS) as clients:
            started = time.perf_counter()
            list(clients.map(send, rest))
            ours = len(rest) / (time.perf_counter() - started)
        committer.stop()
    theirs = _dcb_singles(server)
    yield Figure("64 clients, single conditional publishes, in groups", ours, theirs, ours / theirs, ">= 12")


def _dcb_singles(server: str) -> float:
    with database(server, "bench_singles_dcb") as url:
        told = conninfo_to_dict(url)
        store = PostgresDatastore(
            dbname=str(told["dbname"]),
            host=str(told["host"]),
            port=str(told.get("port") or "5432"),
            user=str(told["user"]),
            password="",
            pool_size=WRITERS,
            max_overflow=WRITERS,
        )
        recorder = PostgresDCBRecorderTT(store)
        recorder.create_table()

        def append(number: int) -> None:
            tags = [f"person:{number}"]
            query = DCBQuery([DCBQueryItem(types=["a"], tags=tags)])
            recorder.append([DCBEvent("a", b"x" * 200, tags)], DCBAppendCondition(query))

        with ThreadPoolExecutor(WRITERS) as writers:
            started = time.perf_counter()
            list(writers.map(append, range(SINGLES)))
            took = time.perf_counter() - started
        store.close()
        return SINGLES / took
