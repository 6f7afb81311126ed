from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from adapters.embedded import server
from adapters.run.parts import open_parts
from bench.bus import LOG, log, relayed
from bench.place import Place
from bench.rows import Rows
from bench.working import singles
from projections.catalogue import READ_MODELS
from streams.bus.packed import Packed, unpack
from streams.project.rebuild import Rebuild
from streams.relay.relay import Packet
from streams.workers.partitions import Partition


@pytest.fixture
def place(database_server: server.Server, tmp_path: Path) -> Iterator[Place]:
    with ExitStack() as stack:
        yield Place(database_server.url, tmp_path, stack)


def test_rows_of_the_yardsticks_are_those_of_a_worker(place: Place) -> None:
    stretches = relayed(log(place, people=80)).stretches
    packets = [each for stretch in stretches for each in stretch.packets]
    head, told = stretches[-1].reached.position, list[int]()
    with (
        place.database("packed", LOG) as packed,
        place.database("single", LOG) as single,
        place.database("rebuilt", LOG) as rebuilt,
    ):
        for url, taken in (packed, packets), (single, [one for each in packets for one in singles(each)]):
            rows = Rows(url, [head // 2, head], told.append)
            for each in taken:
                rows.take(_record(each))
            rows.close()
        Rebuild(partial(open_parts, rebuilt)).run(READ_MODELS)
        expected = _contents(rebuilt)
        assert sum(map(len, expected.values())) > 1000
        assert _contents(packed) == expected
        assert _contents(single) == expected
    assert told == [head // 2, head] * 2


def _record(packet: Packet) -> dict[Partition, list[Packed]]:
    return {(packet.kind, packet.partition): [unpack(packet.record)]}


def _contents(url: str) -> dict[str, list[tuple[object, ...]]]:
    query = SQL("SELECT t::text FROM read.{} AS t ORDER BY 1")
    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT name, table_name FROM read.models").fetchall()
        return {
            name: connection.execute(query.format(Identifier(table))).fetchall() for name, table in tables
        }
