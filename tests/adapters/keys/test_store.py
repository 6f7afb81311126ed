"""Opening a key store: its address, its files, and its key-encryption key, which is never replaced by another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from adapters.keys.fault import KeyStoreFault
from adapters.keys.store import open_store
from tests.adapters.keys.conftest import keys_of


def test_files_are_for_their_owner_alone(sqlite_url: str, kek: Path) -> None:
    store = open_store(sqlite_url)
    keys_of(store, "p-1")
    folder = kek.parent
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert not [path for path in folder.iterdir() if path.name.startswith("kek-")]
    store.close()


@pytest.mark.parametrize("persons", [[], ["p-1"]])
def test_a_missing_kek_is_told_and_not_replaced(url: str, kek: Path, persons: list[str]) -> None:
    store = open_store(url, kek)
    keys_of(store, *persons)
    store.close()
    kek.unlink()
    with pytest.raises(KeyStoreFault, match="is missing"):
        open_store(url, kek)
    assert not kek.exists()


def test_another_kek_opens_nothing(url: str, kek: Path) -> None:
    store = open_store(url, kek)
    keys_of(store, "p-1")
    store.close()
    kek.write_bytes(os.urandom(32))
    other = open_store(url, kek)
    with pytest.raises(KeyStoreFault, match="cannot be unwrapped"):
        keys_of(other, "p-1")
    other.close()


@pytest.mark.parametrize("url", ["mysql://x", "sqlite:///", "sqlite:////dev/null/keys.db"])
def test_an_unusable_address_is_told(url: str) -> None:
    with pytest.raises(KeyStoreFault):
        open_store(url)


def test_a_store_in_postgresql_wants_a_file_for_its_kek() -> None:
    with pytest.raises(KeyStoreFault, match="needs a file"):
        open_store("postgresql://nowhere/keys")
