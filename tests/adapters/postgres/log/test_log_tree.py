"""The tree moves with the log, whoever appends; an older log's is built once."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import psycopg
import pytest
from psycopg.errors import CheckViolation

from adapters.postgres.log import tree as building
from adapters.postgres.log.log import PostgresLog
from adapters.postgres.log.tree import build
from events.entry import Proposal
from streams.ports import Condition, IdentityTaken, Log, LogUnavailable, Stale
from streams.tree.merkle import Tile, Tree, inclusion, roots, tree_of
from streams.tree.verifier import check_inclusion, leaf_hash


def events(first: int, count: int) -> list[Proposal]:
    return [Proposal("s", str(n), "x", n, ("a",), b"%d" % n) for n in range(first, first + count)]


def by_definition(log: Log) -> Tree:
    """The tree over the stored entries, made afresh."""
    tree, _ = Tree().grown([leaf_hash(each.entry) for each in log.read(limit=1_000_000)])
    return tree


def fill(log: Log, batches: Sequence[int]) -> None:
    for count in batches:
        log.append(events(log.head(), count))


def tiles_of(log: Log) -> list[bytes]:
    size = log.head()
    return list(
        log.tiles([Tile(level, n) for level in range(3) for n in range((size >> 8 * level) // 256 + 1)])
    )


def test_the_empty_log_has_the_empty_tree(log: Log) -> None:
    assert log.tree() == Tree()
    assert list(log.tiles([Tile(0, 0), Tile(1, 0)])) == [b"", b""]


def test_the_tree_is_over_the_stored_bytes(log: Log) -> None:
    chance = random.Random(1)
    for _ in range(12):
        fill(log, [chance.choice((1, 2, 7, 255, 256, 257, 600))])
        assert log.tree() == by_definition(log) == tree_of(log.head(), log.tiles)


def test_every_tile_is_there_and_no_hash_more(log: Log) -> None:
    fill(log, [1] * 5 + [250, 1, 1, 300, 30])
    leaves = [leaf_hash(each.entry) for each in log.read()]
    first, second = (Tree().grown(leaves[at : at + 256])[0].root for at in (0, 256))
    assert tiles_of(log)[:3] == [b"".join(leaves[at : at + 256]) for at in (0, 256, 512)]
    assert list(log.tiles([Tile(1, 0), Tile(2, 0), Tile(0, 3)])) == [first + second, b"", b""]


def test_an_inclusion_is_proved_from_tiles(log: Log) -> None:
    fill(log, [700])
    root = log.tree().root
    for stored in (*log.read(0, 3), *log.read(254, 259), *log.read(698)):
        index = stored.position - 1
        path = roots(inclusion(index, 700), log.tiles)
        check_inclusion(index, 700, leaf_hash(stored.entry), path, root)


def test_what_is_refused_leaves_the_tree_as_it_was(log: Log) -> None:
    fill(log, [300])
    before = log.tree(), tiles_of(log)
    with pytest.raises(IdentityTaken):
        log.append(events(299, 300))
    with pytest.raises(Stale):
        log.append(events(300, 300), Condition(0, {0: {0}}))
    assert (log.tree(), tiles_of(log)) == before


def test_two_processes_grow_one_tree(database_url: str) -> None:
    logs = [PostgresLog(database_url), PostgresLog(database_url)]
    for n in range(40):
        logs[n % 2].append(events(n * 20, 20))
    assert logs[0].tree() == logs[1].tree() == by_definition(logs[0]) == tree_of(800, logs[0].tiles)
    for log in logs:
        log.close()


@pytest.fixture
def older(database_url: str) -> Iterator[PostgresLog]:
    """A log as it was before there was a tree."""
    log = PostgresLog(database_url)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE log.head DROP COLUMN tree")
        connection.execute("DROP TABLE log.tiles, log.checkpoints")
    log.close()
    again = PostgresLog(database_url)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE log.head SET tree = NULL")
    yield again
    again.close()


def test_an_older_log_takes_events_and_tells_that_it_has_no_tree_yet(older: PostgresLog) -> None:
    fill(older, [3, 300])
    with pytest.raises(LogUnavailable, match="yet to be built"):
        older.tree()
    assert list(older.tiles([Tile(0, 0)])) == [b""]


@pytest.mark.parametrize("size", [0, 1, 256, 511, 512, 1300])
def test_an_older_logs_tree_is_built_once(
    older: PostgresLog, database_url: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "STRETCH", 512)
    fill(older, [size] if size else [])
    told: list[tuple[int, int]] = []
    build(database_url, lambda done, total: told.append((done, total)))
    assert told[-1] == (size, size)
    assert len(told) == max(1, -(-size // 512))
    assert older.tree() == by_definition(older) == tree_of(size, older.tiles)
    build(database_url, lambda *_: pytest.fail("built again"))
    fill(older, [600])
    assert older.tree() == by_definition(older) == tree_of(size + 600, older.tiles)


def test_building_goes_on_where_it_was_interrupted(
    older: PostgresLog, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "STRETCH", 512)
    fill(older, [1300])

    def interrupt(done: int, _: int) -> None:
        if done >= 512:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(database_url, interrupt)
    fill(older, [100])
    told: list[int] = []
    build(database_url, lambda done, _: told.append(done))
    assert told == [1024, 1400]
    assert older.tree() == by_definition(older) == tree_of(1400, older.tiles)


def test_who_knows_of_no_tree_cannot_append(database_url: str) -> None:
    log = PostgresLog(database_url)
    fill(log, [5])
    with psycopg.connect(database_url, autocommit=True) as connection, pytest.raises(CheckViolation):
        connection.execute("UPDATE log.head SET position = 6")  # which has as many peaks
    log.close()
