"""Data keys in SQLite are looked up in indexes."""

from __future__ import annotations

from pathlib import Path

from adapters.keys.sqlite.database import SqliteDatabase
from adapters.keys.sqlite.keys import SqliteKeys


def test_keys_are_looked_up_in_indexes(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "keys.db")
    keys, connection = SqliteKeys(database), database._connection
    asked: list[str] = []
    connection.set_trace_callback(asked.append)
    keys.by_pair([("p-1", "person"), ("p-2", "person")])
    keys.by_id([1, 2])
    connection.set_trace_callback(None)
    plans = [connection.execute(f"EXPLAIN QUERY PLAN {each}").fetchall() for each in asked]
    assert len(plans) == 2
    assert all(any(step[3].startswith("SEARCH data_keys") for step in plan) for plan in plans)
    database.close()
