"""The tree grows with the log, whoever appends."""

from __future__ import annotations

import random
from collections.abc import Sequence

import psycopg
import pytest
from psycopg.errors import CheckViolation

from adapters.postgres.log.log import PostgresLog
from events.entry import Proposal
from streams.ports import Condition, IdentityTaken, Log, Stale
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


def test_the_head_cannot_move_without_its_tree(database_url: str) -> None:
    log = PostgresLog(database_url)
    fill(log, [5])
    with psycopg.connect(database_url, autocommit=True) as connection, pytest.raises(CheckViolation):
        connection.execute("UPDATE log.head SET position = 6")  # which has as many peaks
    log.close()
