"""Published checkpoints: the latest are all kept, of older ones the last in each stretch of entries."""

import pytest

from adapters.postgres.log import checkpoints
from adapters.postgres.log.checkpoints import PostgresCheckpoints
from adapters.postgres.log.log import PostgresLog
from adapters.postgres.log.stored import PostgresTables
from streams.tree.verifier import Checkpoint

STRETCH = 1 << 16


def test_old_checkpoints_are_thinned_out(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "KEPT", 3)
    PostgresLog(database_url).close()
    published, tables = PostgresCheckpoints(database_url), PostgresTables(database_url)

    def publish(*sizes: int, origin: str = "ours") -> None:
        for size in sizes:
            published.add(Checkpoint(origin, size, bytes(32)), f"note {size}")

    def kept(origin: str = "ours") -> list[int]:
        return [each.size for each in tables.checkpoints() if each.origin == origin]

    publish(0, 1, 5, origin="another")
    publish(0, 1, 2, 3)
    assert kept() == [0, 1, 2, 3]  # that of no entries is of no stretch
    publish(9, STRETCH - 1, STRETCH, STRETCH + 1)
    assert kept() == [0, 9, STRETCH - 1, STRETCH, STRETCH + 1]
    publish(STRETCH + 2, STRETCH + 3)
    assert kept() == [0, STRETCH, STRETCH + 1, STRETCH + 2, STRETCH + 3]
    publish(*range(5 * STRETCH + 1, 5 * STRETCH + 9))
    assert kept() == [0, STRETCH, STRETCH + 3, *range(5 * STRETCH + 5, 5 * STRETCH + 9)]
    assert published.latest("ours") == f"note {5 * STRETCH + 8}"
    assert kept("another") == [0, 1, 5]
    published.close()
    tables.close()
