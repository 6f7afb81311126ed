"""The same key store on each backend, opened again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlencode

import pytest
from psycopg.conninfo import conninfo_to_dict

from adapters.keys.shelf import Shelf
from adapters.keys.store import KeyStore, open_shelf, open_store

Opens: TypeAlias = Callable[[], KeyStore]


@pytest.fixture
def kek(tmp_path: Path) -> Path:
    return tmp_path / "home/keys/kek"


@pytest.fixture
def sqlite_url(kek: Path) -> str:
    return f"sqlite:///{kek.with_name('keys.db')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, sqlite_url: str) -> str:
    if request.param == "sqlite":
        return sqlite_url
    return f"postgresql://?{urlencode(conninfo_to_dict(request.getfixturevalue('database_url')))}"


@pytest.fixture
def opens(url: str, kek: Path) -> Iterator[Opens]:
    """Open the same key store; all are closed at the end."""
    stores: list[KeyStore] = []

    def open_() -> KeyStore:
        stores.append(open_store(url, kek))
        return stores[-1]

    yield open_
    for each in stores:
        each.close()


@pytest.fixture
def shelves(url: str) -> Iterator[tuple[Shelf, Shelf]]:
    """The same shelf, opened twice, as by two processes."""
    first, again = open_shelf(url), open_shelf(url)
    yield first, again
    first.close()
    again.close()


def keys_of(store: KeyStore, *persons: str) -> list[tuple[int, bytes] | None]:
    """Return these persons' keys of the class `person`, made if need be."""
    pairs = [(each, "person") for each in persons]
    found = store.keys.get_or_make(pairs)
    return [None if (key := found[pair]) is None else (key.id, key.key) for pair in pairs]
