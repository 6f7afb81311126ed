from collections.abc import Collection, Iterator
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
from events.contract import tags
from events.order import NEVER
from events.rewriting import rewrites
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
        rewritten = _rewritten(rebuilt)
        expected = _contents(rebuilt, rewritten)
        assert sum(map(len, expected.values())) > 300
        assert _contents(packed, rewritten) == expected
        assert _contents(single, rewritten) == expected
    assert told == [head // 2, head] * 2


def _record(packet: Packet) -> dict[Partition, list[Packed]]:
    return {(packet.kind, packet.partition): [unpack(packet.record)]}


def _rewritten(url: str) -> set[str]:
    """Return the tags for which an event is late, or rewrites what came before: the yardsticks do neither."""
    last: dict[str, int] = {}
    found: set[str] = set()
    with open_parts(url) as parts:
        for event in parts.codec.decode_all(parts.log.read(0, limit=1_000_000)):
            for tag in tags(event):
                if rewrites(type(event)) or event.occurred_at < last.get(tag, NEVER):
                    found.add(tag)
                last[tag] = max(event.occurred_at, last.get(tag, NEVER))
    return found


def _contents(url: str, but: Collection[str]) -> dict[str, list[str]]:
    """Return all rows but those of some tags."""
    query, found = SQL("SELECT {}, t::text FROM read.{} AS t ORDER BY 2"), dict[str, list[str]]()
    with psycopg.connect(url) as connection:
        tables: dict[str, str] = dict(
            connection.execute("SELECT name, table_name FROM read.models").fetchall()
        )
        for model in READ_MODELS:
            rows = connection.execute(query.format(Identifier(model.key[0]), Identifier(tables[model.name])))
            found[model.name] = [row for value, row in rows if f"{model.fold.tag}:{value}" not in but]
    return found
