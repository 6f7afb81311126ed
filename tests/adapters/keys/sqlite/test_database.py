"""A key store's SQLite file: nothing that was destroyed stays in it, and what hinders it is reported."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from adapters.keys.data_keys import DataKeys
from adapters.keys.fault import KeyStoreFault, KeyStoreUnavailable
from adapters.keys.kek import make_kek
from adapters.keys.sqlite.database import SqliteDatabase
from adapters.keys.sqlite.kek import SqliteKek
from adapters.keys.sqlite.keys import SqliteKeys
from adapters.keys.wrap import KeyWrap

PAIR = ("p-1", "person")


def data_keys(database: SqliteDatabase, folder: Path) -> DataKeys:
    make_kek(folder / "kek")
    wrap = KeyWrap(folder / "kek")
    SqliteKek(database).begin_with(wrap.current)
    return DataKeys(SqliteKeys(database), wrap)


def test_nothing_of_a_destroyed_key_stays_in_the_files(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "keys.db")
    keys = data_keys(database, tmp_path)
    keys.get_or_make([PAIR])
    with closing(sqlite3.connect(tmp_path / "keys.db")) as other:
        wrapped = other.execute("SELECT wrapped FROM data_keys").fetchone()[0]
    assert any(wrapped in path.read_bytes() for path in tmp_path.iterdir())
    keys.destroy([PAIR])
    assert not any(wrapped in path.read_bytes() for path in tmp_path.iterdir())
    database.close()


def test_a_journal_in_use_is_told_and_emptied_once_it_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.keys.sqlite.database.BUSY_SECONDS", 0.001)
    database = SqliteDatabase(tmp_path / "keys.db")
    keys = data_keys(database, tmp_path)
    keys.get_or_make([PAIR])
    with closing(sqlite3.connect(tmp_path / "keys.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM data_keys").fetchall()
        with pytest.raises(KeyStoreUnavailable, match="journal is in use"):
            keys.destroy([PAIR])
    assert keys.destroy([PAIR]) == 0
    assert (tmp_path / "keys.db-wal").stat().st_size == 0
    database.close()


def test_a_full_disk_is_told_and_recovered_from(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "keys.db")
    keys = data_keys(database, tmp_path)
    pages = database._connection.execute("PRAGMA page_count").fetchone()[0]
    database._connection.execute(f"PRAGMA max_page_count = {pages}")
    pairs = [(f"p-{number}", "person") for number in range(1000)]
    with pytest.raises(KeyStoreUnavailable, match="full"):
        keys.get_or_make(pairs)
    database._connection.execute("PRAGMA max_page_count = 100000")
    assert all(keys.get_or_make(pairs).values())
    database.close()


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "keys.db").write_bytes(b"nothing of the kind" * 1000)
    with pytest.raises(KeyStoreFault, match="cannot be used"):
        SqliteDatabase(tmp_path / "keys.db")
