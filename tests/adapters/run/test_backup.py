"""Backups that cannot be made or put back as asked are refused before anything is touched; a log changes its id alone."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from msgspec.structs import replace

from adapters.keys import rotation
from adapters.keys.store import kek_file, open_shelf, open_store
from adapters.postgres.log.log import PostgresLog
from adapters.postgres.log_id import LogIdKept, renew
from adapters.run import backup
from adapters.run.backup import BackupRefused
from adapters.run.settings import Settings, read_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({"PUJIANG_HOME": str(tmp_path / "home")})


def test_what_has_its_own_backups_is_not_backed_up_here(settings: Settings) -> None:
    backup.check_source(settings)
    with pytest.raises(BackupRefused, match="that server's own physical backup"):
        backup.check_source(replace(settings, database_url="postgresql://db/pujiang"))
    with pytest.raises(BackupRefused, match="PUJIANG_KEYS_URL"):
        backup.check_source(replace(settings, keys_url="postgresql://db/keys"))


def test_nothing_is_begun_where_there_is_nothing(settings: Settings) -> None:
    with pytest.raises(BackupRefused, match="nothing to back up"):
        backup.check_there(settings)
    assert not settings.home.exists()


def test_log_and_keys_go_into_two_empty_folders(tmp_path: Path) -> None:
    backup.check_targets(tmp_path / "log", tmp_path / "keys")
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0
    with pytest.raises(BackupRefused, match="two different folders"):
        backup.check_targets(tmp_path / "log", tmp_path / "log")
    (tmp_path / "log" / "other").touch()
    with pytest.raises(BackupRefused, match="not empty"):
        backup.check_targets(tmp_path / "log", tmp_path / "keys")


def test_keys_are_not_backed_up_between_two_key_encryption_keys(settings: Settings, tmp_path: Path) -> None:
    store = open_store(settings.keys_url)
    store.secrets.get_or_make("find")
    kek, saved = kek_file(settings.keys_url), tmp_path / "saved"
    saved.mkdir()
    rotation.prepare(kek)
    with pytest.raises(BackupRefused, match="a rotation of the key-encryption key is unfinished"):
        backup.back_up_keys(settings, saved)
    with closing(open_shelf(settings.keys_url)) as shelf:
        rotation.Rotation(shelf.keys, shelf.secrets, shelf.kek, kek).run(lambda _: None)
    backup.back_up_keys(settings, saved)
    with closing(open_store(f"sqlite:///{saved}/keys.db")) as copy:
        assert copy.secrets.get_or_make("find") == store.secrets.get_or_make("find")
    store.close()


def test_what_is_no_backup_is_not_restored(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="not a backup"):
        backup.check_restorable(settings, tmp_path, tmp_path)
    assert not settings.home.exists()


def test_a_log_gets_a_new_id_once_nobody_has_it_open(database_url: str) -> None:
    with pytest.raises(LogIdKept, match="no log"):
        renew(database_url)
    log = PostgresLog(database_url)
    with pytest.raises(LogIdKept, match="open"):
        renew(database_url)
    log.close()
    renewed = renew(database_url)
    assert (renewed.old, renewed.position) == (log.id, 0)
    log = PostgresLog(database_url)
    assert log.id == renewed.new != renewed.old
    log.close()


def test_a_log_whose_connections_were_lost_is_open_again_with_its_next_use(database_url: str) -> None:
    log = PostgresLog(database_url)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert log.head() == 0
    with pytest.raises(LogIdKept, match="open"):
        renew(database_url)
    log.close()
