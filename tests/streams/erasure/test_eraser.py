"""Erasing: keys go with whom the log erases, under all their names, and again where a backup brings them back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from msgspec.structs import replace
from psycopg.conninfo import conninfo_to_dict

from adapters.contracts.codec import AvroCodec
from adapters.keys.store import KeyStore, open_store
from events.erasing import retention_classes
from events.event import Event
from events.identity.erasure import Kept, PersonErased
from events.identity.persons import PersonsMerged, PersonsSeparated
from streams.erasure.eraser import BOOKMARK_LAG, Eraser, numbers_of
from streams.scenario import at
from tests.contexts.persons import registered
from tests.logs.memory_log import MemoryLog

CODEC = AvroCodec()
MERGED = PersonsMerged(merged="q", surviving="p", source="centre", id="m-1")
DEEPER = PersonsMerged(merged="r", surviving="q", source="centre", id="m-0")
SEPARATED = PersonsSeparated(separated="q", surviving="p", merge="centre#m-1", source="centre", id="s-1")
ERASED = PersonErased(person="p", request="centre#r", source="centre", id="e-1")


def now() -> int:
    return at("2024-07-01")


def logged(log: MemoryLog, *events: Event) -> None:
    named = [
        event if event.id else replace(event, source="s", id=str(log.head() + number))
        for number, event in enumerate(events)
    ]
    log.append([CODEC.propose(each) for each in named])


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KeyStore]:
    url = f"sqlite:///{tmp_path}/keys/keys.db"
    if request.param == "postgresql":
        told = conninfo_to_dict(request.getfixturevalue("database_url"))
        url = f"postgresql://?{urlencode(told)}"
    opened = open_store(url, tmp_path / "keys/kek")
    yield opened
    opened.close()


def gone(store: KeyStore, *persons: str) -> list[bool]:
    return [store.keys.destroyed([(each, "person")]) for each in persons]


def sealed_for(store: KeyStore, *persons: str) -> None:
    store.keys.get_or_make([(each, retention) for each in persons for retention in retention_classes()])


def test_the_keys_of_the_erased_are_destroyed_and_nobody_elses(log: MemoryLog, store: KeyStore) -> None:
    sealed_for(store, "p", "t")
    logged(log, *registered("p", "t"))
    eraser = Eraser(log, CODEC, store.keys, store.bookmarks, now)
    assert eraser.step() == 0
    assert gone(store, "p", "t") == [False, False]
    logged(log, ERASED)
    assert eraser.step() == 1
    assert store.keys.destroyed([("p", each) for each in retention_classes()])
    assert gone(store, "t") == [False]
    assert store.bookmarks.position(log.id) == 3
    assert eraser.step() == 0


def test_what_statute_keeps_stays(log: MemoryLog, store: KeyStore) -> None:
    sealed_for(store, "p")
    logged(log, replace(ERASED, kept=[Kept("roll", "statute")]))
    Eraser(log, CODEC, store.keys, store.bookmarks, now).step()
    assert not store.keys.destroyed([("p", "roll")])
    assert store.keys.destroyed([("p", "person"), ("p", "diploma")])


def test_what_was_kept_until_a_day_goes_after_it(log: MemoryLog, store: KeyStore) -> None:
    today = [at("2024-07-01")]
    sealed_for(store, "p")
    logged(log, replace(ERASED, kept=[Kept("roll", "statute", "2024-07-01"), Kept("diploma", "statute")]))
    eraser = Eraser(log, CODEC, store.keys, store.bookmarks, lambda: today[0])
    assert eraser.step() == 1
    assert not store.keys.destroyed([("p", "roll")])
    today[0] = at("2024-07-02")
    assert [eraser.step(), eraser.step()] == [1, 0]
    assert store.keys.destroyed([("p", "roll")])
    assert not store.keys.destroyed([("p", "diploma")])
    assert Eraser(log, CODEC, store.keys, store.bookmarks, lambda: today[0]).step() == 0


def test_merged_numbers_go_with_the_person(log: MemoryLog, store: KeyStore) -> None:
    sealed_for(store, "p", "q", "r")
    logged(log, *registered("p", "q", "r"), DEEPER, MERGED, ERASED)
    Eraser(log, CODEC, store.keys, store.bookmarks, now).step()
    assert gone(store, "p", "q", "r") == [True, True, True]


def test_what_was_separated_before_the_erasure_stays(log: MemoryLog, store: KeyStore) -> None:
    sealed_for(store, "p", "q", "r")
    logged(log, DEEPER, MERGED, SEPARATED, ERASED)
    Eraser(log, CODEC, store.keys, store.bookmarks, now).step()
    assert gone(store, "p", "q", "r") == [True, False, False]


def test_what_is_merged_or_separated_after_it_changes_nothing(log: MemoryLog, store: KeyStore) -> None:
    sealed_for(store, "p", "q")
    logged(log, MERGED, ERASED, SEPARATED, PersonsMerged(merged="t", surviving="p"))
    assert numbers_of(log, CODEC, "person:p", 2) == ["p", "q"]
    Eraser(log, CODEC, store.keys, store.bookmarks, now).step()
    assert gone(store, "p", "q", "t") == [True, True, False]


def test_the_bookmark_lags_where_nobody_is_erased(log: MemoryLog, store: KeyStore) -> None:
    eraser = Eraser(log, CODEC, store.keys, store.bookmarks, now)
    logged(log, *registered(*map(str, range(9))))
    eraser.step()
    assert store.bookmarks.position(log.id) == 0
    for start in range(9, BOOKMARK_LAG + 1, 1000):
        logged(log, *registered(*map(str, range(start, start + 1000))))
    eraser.step()
    assert store.bookmarks.position(log.id) == log.head()


def test_each_log_is_followed_for_itself(log: MemoryLog, store: KeyStore) -> None:
    """A restored log has a new id: what it lacks, or has anew, is looked at from its beginning."""
    logged(log, *registered("p"), ERASED)
    Eraser(log, CODEC, store.keys, store.bookmarks, now).step()
    other = MemoryLog()
    logged(other, replace(ERASED, person="t"))
    assert Eraser(other, CODEC, store.keys, store.bookmarks, now).step() == 1
    assert gone(store, "t") == [True]


def test_keys_that_a_backup_brings_back_are_destroyed_again(log: MemoryLog, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/keys/keys.db")
    sealed_for(store, "p")
    logged(log, *registered("p"))
    store.close()
    shutil.copytree(tmp_path / "keys", tmp_path / "backup")
    store = open_store(f"sqlite:///{tmp_path}/keys/keys.db")
    logged(log, ERASED)
    Eraser(log, CODEC, store.keys, store.bookmarks, now).step()
    store.close()
    back = open_store(f"sqlite:///{tmp_path}/backup/keys.db")
    assert gone(back, "p") == [False]
    assert Eraser(log, CODEC, back.keys, back.bookmarks, now).step() == 1
    assert gone(back, "p") == [True]
    back.close()
