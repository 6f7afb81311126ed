"""The key store: made once, never made again, the same for all processes."""

import multiprocessing
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest
from psycopg.conninfo import conninfo_to_dict

from adapters.keys.sqlite_shelf import SqliteShelf
from adapters.keys.store import KeyStore, KeyStoreFault, KeyStoreUnavailable, open_store

Opens = Callable[[], KeyStore]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/keys/keys.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def opens(request: pytest.FixtureRequest, url: str, tmp_path: Path) -> Iterator[Opens]:
    """Open the same key store again and again; all are closed at the end."""
    if request.param == "postgresql":
        told = conninfo_to_dict(request.getfixturevalue("database_url"))
        url = f"postgresql://?{urlencode(told)}"
    stores: list[KeyStore] = []

    def open_() -> KeyStore:
        stores.append(open_store(url, tmp_path / "keys/kek"))
        return stores[-1]

    yield open_
    for each in stores:
        each.close()


def _keys(store: KeyStore, *persons: str) -> list[tuple[int, bytes] | None]:
    found = store.keys_for([(each, "person") for each in persons])
    return [None if key is None else (key.id, key.key) for key in found.values()]


def test_keys_are_made_once_and_kept(opens: Opens) -> None:
    first, again = opens(), opens()
    made = _keys(first, "p-1", "p-2")
    assert len({part for each in made if each for part in each}) == 4
    assert _keys(again, "p-1", "p-2") == made
    assert again.secret("find") == first.secret("find") != again.secret("document")


def test_classes_have_keys_of_their_own(opens: Opens) -> None:
    found = opens().keys_for([("p-1", "person"), ("p-1", "diploma")])
    assert len({each.key for each in found.values() if each}) == 2


def test_keys_are_found_by_id(opens: Opens) -> None:
    store, other = opens(), opens()
    numbers = [each[0] for each in _keys(store, *(f"p-{number}" for number in range(1000))) if each]
    assert all(other.keys_of(numbers).values())
    with pytest.raises(KeyStoreFault, match="key 123456 is not"):
        store.keys_of([123456])


def test_what_was_signed_is_replaced_only_by_who_knows_it(opens: Opens) -> None:
    first, again = opens(), opens()
    assert first.signed("log") is None
    assert first.sign("log", None, "one")
    assert not again.sign("log", None, "two")
    assert again.sign("log", "one", "two")
    assert not first.sign("log", "one", "three")
    assert first.signed("log") == "two"
    assert again.signed("other") is None


def test_secrets_are_known_by_name(opens: Opens) -> None:
    store = opens()
    store.secret("b")
    store.secret("a")
    assert opens().secrets() == ["a", "b"]


def test_a_destroyed_key_is_gone_everywhere_and_never_made_again(opens: Opens) -> None:
    store, other = opens(), opens()
    (made,) = _keys(store, "p-1")
    assert made
    assert _keys(other, "p-1") == [made]
    assert store.destroy("p-1", "person")
    assert not store.destroy("p-1", "person")
    for each in (store, other, opens()):
        assert _keys(each, "p-1") == [None]
        assert each.keys_of([made[0]]) == {made[0]: None}


def test_a_key_destroyed_before_its_first_use_is_never_made(opens: Opens) -> None:
    store = opens()
    assert not store.destroy("p-1", "person")
    assert _keys(store, "p-1") == [None]


def test_nothing_of_a_destroyed_key_stays_in_the_files(url: str, tmp_path: Path) -> None:
    store = open_store(url)
    _keys(store, "p-1")
    with closing(sqlite3.connect(tmp_path / "keys/keys.db")) as database:
        wrapped = database.execute("SELECT wrapped FROM data_keys").fetchone()[0]
    assert any(wrapped in path.read_bytes() for path in (tmp_path / "keys").iterdir())
    store.destroy("p-1", "person")
    assert not any(wrapped in path.read_bytes() for path in (tmp_path / "keys").iterdir())
    store.close()


def test_keys_are_looked_up_in_indexes(url: str) -> None:
    store = open_store(url)
    shelf = store._shelf
    assert isinstance(shelf, SqliteShelf)
    asked: list[str] = []
    shelf._db.set_trace_callback(asked.append)
    shelf.by_pair([("p-1", "person"), ("p-2", "person")])
    shelf.by_id([1, 2])
    shelf._db.set_trace_callback(None)
    plans = [shelf._db.execute(f"EXPLAIN QUERY PLAN {each}").fetchall() for each in asked]
    assert len(plans) == 2
    assert all(any(step[3].startswith("SEARCH data_keys") for step in plan) for plan in plans)
    store.close()


def test_a_full_disk_is_told_and_recovered_from(url: str) -> None:
    store = open_store(url)
    shelf = store._shelf
    assert isinstance(shelf, SqliteShelf)
    pages = shelf._db.execute("PRAGMA page_count").fetchone()[0]
    shelf._db.execute(f"PRAGMA max_page_count = {pages}")
    persons = [f"p-{number}" for number in range(1000)]
    with pytest.raises(KeyStoreUnavailable, match="full"):
        _keys(store, *persons)
    shelf._db.execute("PRAGMA max_page_count = 100000")
    assert all(_keys(store, *persons))
    store.close()


def test_the_cache_is_bounded(opens: Opens) -> None:
    store = opens()
    store._cache._bound = 10
    made = _keys(store, *(f"p-{number}" for number in range(100)))
    assert len(store._cache._pairs) == len(store._cache._ids) == 10
    assert _keys(store, *(f"p-{number}" for number in range(100))) == made


def test_files_are_for_their_owner_alone(url: str, tmp_path: Path) -> None:
    store = open_store(url)
    _keys(store, "p-1")
    folder = tmp_path / "keys"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert not [path for path in folder.iterdir() if path.name.startswith("kek-")]
    store.close()


def test_a_missing_kek_is_told_and_not_replaced(url: str, tmp_path: Path) -> None:
    store = open_store(url)
    _keys(store, "p-1")
    store.close()
    (tmp_path / "keys/kek").unlink()
    with pytest.raises(KeyStoreFault, match="is missing"):
        open_store(url)


def test_another_kek_opens_nothing(url: str, tmp_path: Path) -> None:
    store = open_store(url)
    _keys(store, "p-1")
    store.close()
    (tmp_path / "keys/kek").write_bytes(os.urandom(32))
    other = open_store(url)
    with pytest.raises(KeyStoreFault, match="does not open"):
        _keys(other, "p-1")
    other.close()


@pytest.mark.parametrize("url", ["mysql://x", "sqlite:///", "sqlite:///dev/null/keys.db"])
def test_an_unusable_address_is_told(url: str) -> None:
    with pytest.raises(KeyStoreFault):
        open_store(url.replace("sqlite:///dev", "sqlite:////dev"))


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "keys.db").write_bytes(b"nothing of the kind" * 1000)
    with pytest.raises(KeyStoreFault, match="cannot be used"):
        open_store(f"sqlite:///{tmp_path}/keys.db")


def _in_another_process(url: str, numbers: "multiprocessing.Queue[list[tuple[int, bytes] | None]]") -> None:
    store = open_store(url)
    numbers.put(_keys(store, *(f"p-{number}" for number in range(300))))
    store.close()


def test_processes_agree_on_keys(url: str) -> None:
    context = multiprocessing.get_context("spawn")
    told: multiprocessing.Queue[list[tuple[int, bytes] | None]] = context.Queue()
    workers = [context.Process(target=_in_another_process, args=(url, told)) for _ in range(3)]
    for each in workers:
        each.start()
    answers = [told.get(timeout=60) for _ in workers]
    for each in workers:
        each.join()
    assert answers[0] == answers[1] == answers[2]
    assert None not in answers[0]


def test_threads_agree_on_keys(opens: Opens) -> None:
    stores = [opens(), opens()]
    answers: list[tuple[int, bytes] | None] = []

    def ask(store: KeyStore) -> None:
        for part in range(20):
            answers.extend(_keys(store, *(f"p-{part}-{number}" for number in range(20))))

    threads = [threading.Thread(target=ask, args=(stores[number % 2],)) for number in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(answers) == 1600
    assert len(set(answers)) == 400


def test_a_store_in_postgresql_wants_a_file_for_its_kek() -> None:
    with pytest.raises(KeyStoreFault, match="needs a file"):
        open_store("postgresql://nowhere/keys")
