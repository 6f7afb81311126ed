"""Figures of appending: against raw COPY, against the library's conditional recorder, and four writers against one."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial

import psycopg

from adapters.postgres.log.copy_rows import entry_rows, tag_fields, tag_rows
from adapters.postgres.log.log import PostgresLog
from bench import library
from bench.figure import Figure, in_turn, rate, seconds
from bench.made_up import LOADED, condition, load, proposals
from bench.place import Place
from bench.plain import forget_tree, without_tree

SIZES = (100, 1000)
UNIT = "events/s"


def against_copy(place: Place) -> Iterator[Figure]:
    """One writer, nothing read and no tree kept, against raw binary COPY of prebuilt rows into the same tables."""
    for size in SIZES:
        chance = random.Random(size)
        with place.database("bench_append") as url, psycopg.connect(url, autocommit=True) as raw:
            log = PostgresLog(url)
            load(log, chance)
            forget_tree(url)
            with without_tree():
                ours, theirs = in_turn(
                    rounds(size),
                    partial(_append, log, size, chance),
                    partial(_copy, log, raw, size, chance),
                )
            log.close()
        name = f"append, batches of {size}, against raw COPY"
        yield Figure(name=name, unit=UNIT, figure=ours, yardstick=theirs, target=">= 0.8")


def _append(log: PostgresLog, size: int, chance: random.Random) -> float:
    batch = proposals(size, chance)
    return rate(size, lambda: log.append(batch))


def _copy(log: PostgresLog, raw: psycopg.Connection, size: int, chance: random.Random) -> float:
    first, batch = log.head() + 1, proposals(size, chance)
    tags = [tag_fields(each) for each in batch]
    rows = entry_rows(first, 1, batch, tags, [each.tail() for each in batch])
    of_tags = tag_rows(first, batch[0].occurred_at, batch, tags)
    found = rate(size, lambda: _copy_both(raw, rows, of_tags))
    raw.execute("UPDATE log.head SET position = %s", (first + size - 1,))
    return found


def _copy_both(connection: psycopg.Connection, entries: bytes, tags: bytes) -> None:
    with connection.transaction(), connection.cursor() as cursor:
        for table, rows in (("log.entries", entries), ("log.tags", tags)):
            with cursor.copy(f"COPY {table} FROM STDIN (FORMAT BINARY)") as into:
                into.write(rows)


def against_library(place: Place) -> Iterator[Figure]:
    """Measure one writer that checks identities and a condition against the library's own conditional recorder."""
    for size in SIZES:
        with place.database("bench_conditional") as url:
            sides = Conditional(url, size)
            ours, theirs = in_turn(rounds(size), sides.ours, sides.theirs)
            sides.close()
        name = f"conditional append, batches of {size}, against eventsourcing's DCB recorder"
        yield Figure(name=name, unit=UNIT, figure=ours, yardstick=theirs, target=">= 2")


class Conditional:
    """Both logs, each with 100,000 events before the first measurement."""

    def __init__(self, url: str, size: int) -> None:
        self._size, self._chance = size, random.Random(size)
        self._log, self._recorder, self._last = PostgresLog(url), library.recorder(url), 0
        load(self._log, self._chance)
        for _ in range(LOADED // 1000):
            batch = proposals(1000, self._chance)
            self._last = self._recorder.append([library.dcb_event(each) for each in batch])

    def ours(self) -> float:
        batch = proposals(self._size, self._chance)
        wanted = condition(batch, self._log.head())
        return rate(self._size, lambda: self._log.append(batch, wanted))

    def theirs(self) -> float:
        batch = proposals(self._size, self._chance)
        new, wanted = [library.dcb_event(each) for each in batch], library.dcb_condition(batch, self._last)
        taken = seconds(lambda: self._recorder.append(new, wanted))
        self._last += self._size
        return self._size / taken

    def close(self) -> None:
        self._log.close()
        self._recorder.datastore.close()


def four_processes(place: Place) -> Iterator[Figure]:
    """Measure four writing processes against one, in total events per second."""
    for size in SIZES:
        with place.database("bench_processes") as url:
            log = PostgresLog(url)
            load(log, random.Random(size))
            log.close()
            together, alone = in_turn(
                5,
                partial(_by_processes, url, size, 4),
                partial(_by_processes, url, size, 1),
            )
        name = f"append, batches of {size}, 4 processes against one"
        yield Figure(name=name, unit=UNIT, figure=together, yardstick=alone, target=">= 0.7")


def _by_processes(url: str, size: int, count: int) -> float:
    """Return how many events per second this many processes append, from when all are ready until all are done."""
    batches = max(40_000 // (size * count), 5)
    command = [sys.executable, "-m", "bench.append_writer", url, str(size), str(batches)]
    writers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(count)]
    _expect(writers, b"ready\n")
    began = time.perf_counter()
    for writer in writers:
        assert writer.stdin
        writer.stdin.write(b"go\n")
        writer.stdin.flush()
    _expect(writers, b"done\n")
    spent = time.perf_counter() - began
    for writer in writers:
        writer.communicate()
    return size * batches * count / spent


def _expect(writers: Sequence[subprocess.Popen[bytes]], line: bytes) -> None:
    for writer in writers:
        assert writer.stdout
        assert writer.stdout.readline() == line


def rounds(size: int) -> int:
    return max(30_000 // size, 40)
