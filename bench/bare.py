"""The yardsticks of a worker, as a process: python -m bench.bare loop|faust URL SERVER PREFIX POSITION...

`loop` is aiokafka alone; `faust` is the worker's own application, for topics with one entry in each record.
Both fold and write the same rows; they print how many partitions they have, and when all of these have
reached a position.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from typing import Any, cast

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from adapters.process.tuning import tune
from bench.rows import Rows
from streams.bus.packed import Packed, unpack
from streams.bus.topics import by_kind, kinds
from streams.workers import worker
from streams.workers.partitions import Partition, Partitions

SINGLES = 5000
"""How many records of one entry are folded at once."""

log = structlog.get_logger()


def reached(position: int) -> None:
    """Print the position up to which everything is written."""
    print(f"reached-{position}", flush=True)


async def loop(url: str, server: str, prefix: str, marks: Sequence[int]) -> None:
    """Read, unpack, fold, write."""
    rows = Rows(url, marks, reached)
    places = {
        TopicPartition(by_kind(kind, prefix), number): (kind, number)
        for kind, of in kinds().items()
        for number in range(of)
    }
    consumer = AIOKafkaConsumer(
        bootstrap_servers=server,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    consumer.assign(list(places))
    await consumer.seek_to_beginning()
    log.info("assigned", partitions=len(places))
    while True:
        found = await consumer.getmany(timeout_ms=200, max_records=worker.RECORDS)
        if found:
            taken = {places[tp]: [each.value for each in records] for tp, records in found.items()}
            await asyncio.to_thread(_take, rows, taken)


def _take(rows: Rows, found: Mapping[Partition, Sequence[bytes]]) -> None:
    records: dict[Partition, list[Packed]] = {place: list(map(unpack, each)) for place, each in found.items()}
    rows.take(records)


async def faust(url: str, server: str, prefix: str, marks: Sequence[int]) -> None:
    """Run the worker's application over rows without bookmarks."""
    worker.RECORDS = SINGLES
    rows: Any = Rows(url, marks, reached)
    made = worker.Worker(worker.BusAddress((server,), prefix), cast("Partitions", rows))
    await made.app.start()
    await made.app.wait(asyncio.Event().wait())


if __name__ == "__main__":
    tune()
    kind, url_, server_, prefix_, *marks_ = sys.argv[1:]
    asyncio.run({"loop": loop, "faust": faust}[kind](url_, server_, prefix_, [int(each) for each in marks_]))
