"""Figures of the log: appending against raw COPY and the `eventsourcing` library, and its quickest queries.

A figure and its yardstick are taken in turn, batch by batch, on one server, and compared by their medians: what else
the machine does meets both alike. The tables hold 100,000 events before the first measurement.
"""

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple
from uuid import uuid4

import psycopg
from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from eventsourcing.dcb.postgres_tt import PostgresDCBRecorderTT
from eventsourcing.postgres import PostgresDatastore
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from adapters import embedded
from adapters.postgres.log import PostgresLog
from adapters.postgres.rows import entry_rows, tag_fields, tag_rows
from events.entry import Proposal, key
from streams.ports import Condition, History

TYPES = [f"learning.Event{n}" for n in range(30)]
PEOPLE, SCHOOLS = 20_000, 40
LOADED = 100_000


class Figure(NamedTuple):
    name: str
    figure: float
    yardstick: float
    ratio: float
    target: str


@contextmanager
def database(server: str, name: str) -> Iterator[str]:
    """A database that lasts for one benchmark."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        yield make_conninfo(server, dbname=name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def events(size: int, chance: random.Random, school: int | None = None) -> list[Proposal]:
    """Events of about 250 bytes of entry with two tags, as the sample city has them."""
    return [
        Proposal(
            "city.learning",
            str(uuid4()),
            chance.choice(TYPES),
            1_700_000_000_000_000,
            (f"person:{chance.randrange(PEOPLE)}", f"school:{school or chance.randrange(SCHOOLS) + 1}"),
            chance.randbytes(180),
        )
        for _ in range(size)
    ]


def condition(batch: Sequence[Proposal], seen: int) -> Condition:
    """What deciding on a batch may read: for each event, its type under its person."""
    reads: dict[int, set[int]] = {}
    for each in batch:
        reads.setdefault(key(each.tags[0]), set()).add(key(each.type))
    return Condition(seen, reads)


def seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def append_against_copy(server: str, size: int) -> Figure:
    """One writer, nothing read, against raw binary COPY of prebuilt rows into the same tables."""
    chance, ours, theirs = random.Random(size), list[float](), list[float]()
    with database(server, "bench_append") as url, psycopg.connect(url, autocommit=True) as raw:
        log = PostgresLog(url)
        load(log, chance)
        for _ in range(rounds(size)):
            batch = events(size, chance)
            ours.append(seconds(lambda batch=batch: log.append(batch)))  # type: ignore[misc]
            first, batch = log.head() + 1, events(size, chance)
            tags = [tag_fields(each) for each in batch]
            rows = entry_rows(first, 1, batch, tags, [each.tail() for each in batch])
            of_tags = tag_rows(first, batch, tags)
            theirs.append(seconds(lambda rows=rows, of_tags=of_tags: copy(raw, rows, of_tags)))  # type: ignore[misc]
            raw.execute("UPDATE log.head SET position = %s", (first + size - 1,))
        log.close()
    return throughput(f"append, batches of {size}, against raw COPY", size, ours, theirs, ">= 0.8")


def copy(connection: psycopg.Connection, entries: bytes, tags: bytes) -> None:
    with connection.transaction(), connection.cursor() as cursor:
        for table, rows in (("log.entries", entries), ("log.tags", tags)):
            with cursor.copy(f"COPY {table} FROM STDIN (FORMAT BINARY)") as into:
                into.write(rows)


def conditional_against_dcb(server: str, size: int) -> Figure:
    """One writer, identities and a condition checked, against the library's own conditional recorder."""
    chance, ours, theirs = random.Random(size), list[float](), list[float]()
    with database(server, "bench_conditional") as url:
        log, recorder = PostgresLog(url), dcb_recorder(url)
        load(log, chance)
        last = 0
        for _ in range(LOADED // 1000):
            last = recorder.append([dcb_event(each) for each in events(1000, chance)])
        for _ in range(rounds(size)):
            batch = events(size, chance)
            wanted = condition(batch, log.head())
            ours.append(seconds(lambda batch=batch, wanted=wanted: log.append(batch, wanted)))  # type: ignore[misc]
            converted = [dcb_event(each) for each in batch]
            items = [DCBQueryItem([each.type], [each.tags[0]]) for each in batch]
            check = DCBAppendCondition(DCBQuery(items), last)
            theirs.append(seconds(lambda new=converted, check=check: recorder.append(new, check)))  # type: ignore[misc]
            last += size
        log.close()
        recorder.datastore.close()
    name = f"conditional append, batches of {size}, against eventsourcing's DCB recorder"
    return throughput(name, size, ours, theirs, ">= 2")


def dcb_event(proposal: Proposal) -> DCBEvent:
    return DCBEvent(proposal.type, proposal.data, list(proposal.tags))


def dcb_recorder(url: str) -> PostgresDCBRecorderTT:
    part = conninfo_to_dict(url)
    store = PostgresDatastore(
        dbname=str(part["dbname"]),
        host=str(part["host"]),
        port=str(part.get("port", 5432)),
        user=str(part.get("user", "")),
        password=str(part.get("password", "")),
    )
    recorder = PostgresDCBRecorderTT(store)
    recorder.create_table()
    return recorder


def processes_against_one(server: str, size: int) -> Figure:
    """Four writing processes against one, in events per second altogether."""
    alone, together = list[float](), list[float]()
    with database(server, "bench_processes") as url:
        log = PostgresLog(url)
        load(log, random.Random(size))
        log.close()
        for _ in range(5):
            alone.append(rate(url, size, 1))
            together.append(rate(url, size, 4))
    figure, yardstick = median(together), median(alone)
    name = f"append, batches of {size}, 4 processes against one"
    return Figure(name, figure, yardstick, figure / yardstick, ">= 0.7")


def rate(url: str, size: int, count: int) -> float:
    """What so many processes append in a second, measured from when all are ready until all are done."""
    batches = max(40_000 // (size * count), 5)
    command = [sys.executable, "-m", "bench.log_writer", url, str(size), str(batches)]
    writers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(count)]
    expect(writers, b"ready\n")
    began = time.perf_counter()
    for writer in writers:
        assert writer.stdin
        writer.stdin.write(b"go\n")
        writer.stdin.flush()
    expect(writers, b"done\n")
    spent = time.perf_counter() - began
    for writer in writers:
        writer.communicate()
    return size * batches * count / spent


def expect(writers: Sequence["subprocess.Popen[bytes]"], line: bytes) -> None:
    for writer in writers:
        assert writer.stdout
        assert writer.stdout.readline() == line


def histories(server: str) -> list[Figure]:
    """Two rare types of a school with 100,000 events; 1,000 tags that the log has not; in milliseconds."""
    chance = random.Random(1)
    with database(server, "bench_histories") as url:
        log = PostgresLog(url)
        for _ in range(LOADED // 1000):
            log.append(events(1000, chance, school=1))
        rarities = [Proposal("s", str(n), f"rare{n % 2}", 0, ("school:1",), b"") for n in range(6)]
        log.append(rarities)
        rare = [History(key("school:1"), (key("rare0"), key("rare1")))]
        of_new = [History(key("school:2"), (key("rare0"), key("rare1")))]
        types = tuple(map(key, TYPES))
        absent = [History(key(f"absent:{n}"), types) for n in range(1000)]
        assert len(log.histories(rare)) == len(rarities)
        old, new, none = (
            median(seconds(lambda wanted=wanted: log.histories(wanted)) for _ in range(200)) * 1000  # type: ignore[misc]
            for wanted in (rare, of_new, absent)
        )
        log.close()
    return [
        Figure(
            "histories: rare types of a school with 100,000 events, ms, against a new school",
            old,
            new,
            old / new,
            "< 1 ms",
        ),
        Figure(
            "histories: 1,000 absent tags of 30 types, ms, against one", none, new, none / new, "a few ms"
        ),
    ]


def load(log: PostgresLog, chance: random.Random) -> None:
    for _ in range(LOADED // 1000):
        log.append(events(1000, chance))


def rounds(size: int) -> int:
    return max(30_000 // size, 40)


def throughput(name: str, size: int, ours: list[float], theirs: list[float], target: str) -> Figure:
    figure, yardstick = size / median(ours), size / median(theirs)
    return Figure(name, figure, yardstick, figure / yardstick, target)


def figures(server: str) -> Iterator[Figure]:
    """All figures of the log."""
    for size in (100, 1000):
        yield append_against_copy(server, size)
    for size in (100, 1000):
        yield conditional_against_dcb(server, size)
    for size in (100, 1000):
        yield processes_against_one(server, size)
    yield from histories(server)


def main() -> None:
    with tempfile.TemporaryDirectory() as home, embedded.start(Path(home)) as server:
        for each in figures(server.url):
            print(
                f"{each.name:84} {each.figure:10,.1f} {each.yardstick:10,.1f} {each.ratio:7.2f}  {each.target}"
            )


if __name__ == "__main__":
    main()
