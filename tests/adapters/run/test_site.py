"""A log is opened with its own key store, or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from adapters.keys.fault import KeyStoreFault
from adapters.keys.store import open_store
from adapters.postgres.log.key_store import bind, key_store_of
from adapters.run.settings import Settings, read_settings
from adapters.run.site import site


@pytest.fixture
def url(database_url: str) -> str:
    return f"postgresql://?{urlencode(conninfo_to_dict(database_url))}"


def settings(url: str, home: Path) -> Settings:
    return read_settings({"PUJIANG_HOME": str(home), "DATABASE_URL": url})


def test_a_log_is_bound_to_the_key_store_that_it_is_first_opened_with(url: str, tmp_path: Path) -> None:
    home = settings(url, tmp_path / "home")
    with site(home) as opened:
        found = opened.store.id
        assert key_store_of(url) == found
    with site(home) as opened:
        assert opened.store.id == found
    assert bind(url, "another") == found


def test_without_its_key_store_it_is_not_opened_and_no_other_is_made(url: str, tmp_path: Path) -> None:
    home = settings(url, tmp_path / "home")
    with site(home):
        pass
    kept = tmp_path / "kept"
    shutil.move(tmp_path / "home/keys", kept)
    with pytest.raises(KeyStoreFault, match="restore the key store"), site(home):
        pass
    assert not (tmp_path / "home/keys").exists()
    (tmp_path / "home/keys").mkdir()
    shutil.copy(kept / "kek", tmp_path / "home/keys/kek")
    with pytest.raises(KeyStoreFault, match="is empty: restore it"), site(home):
        pass
    shutil.rmtree(tmp_path / "home/keys")
    shutil.move(kept, tmp_path / "home/keys")
    with site(home):
        pass


def test_with_another_key_store_it_is_not_opened(url: str, tmp_path: Path) -> None:
    with site(settings(url, tmp_path / "home")):
        pass
    other = tmp_path / "other"
    open_store(f"sqlite:///{other}/keys/keys.db").close()
    with pytest.raises(KeyStoreFault, match="restore the right one"), site(settings(url, other)):
        pass


def test_a_key_store_that_has_a_log_makes_no_other(url: str, tmp_path: Path) -> None:
    home = settings(url, tmp_path / "home")
    with site(home):
        pass
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA log CASCADE")
    for _ in range(2):
        with pytest.raises(KeyStoreFault, match="restore the log"), site(home):
            pass
    assert key_store_of(url) is None


def test_no_empty_database_is_made_beside_the_keys_of_a_lost_one(url: str, tmp_path: Path) -> None:
    with site(settings(url, tmp_path / "home")):
        pass
    lost = read_settings({"PUJIANG_HOME": str(tmp_path / "home")})
    with pytest.raises(KeyStoreFault, match="restore the log"), site(lost):
        pass
    assert not (tmp_path / "home" / "postgres").exists()
