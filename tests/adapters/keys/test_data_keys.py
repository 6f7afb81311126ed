"""Data keys: made once, never made again, the same for all threads and processes."""

from __future__ import annotations

import multiprocessing
import threading

from adapters.keys.store import KeyStore, open_store
from tests.adapters.keys.conftest import Opens, keys_of
from tests.patience import PATIENCE

PAIR = ("p-1", "person")


def test_keys_are_made_once_and_kept(opens: Opens) -> None:
    first, again = opens(), opens()
    made = keys_of(first, "p-1", "p-2")
    assert len({part for each in made if each for part in each}) == 4
    assert keys_of(again, "p-1", "p-2") == made


def test_classes_have_keys_of_their_own(opens: Opens) -> None:
    found = opens().keys.get_or_make([("p-1", "person"), ("p-1", "diploma")])
    assert len({each.key for each in found.values() if each}) == 2


def test_keys_are_found_by_id(opens: Opens) -> None:
    store, other = opens(), opens()
    ids = [each[0] for each in keys_of(store, *(f"p-{number}" for number in range(1000))) if each]
    assert all(other.keys.get(ids).values())
    assert store.keys.get([123456, ids[0]]).keys() == {ids[0]}


def test_a_destroyed_key_is_gone_everywhere_and_never_made_again(opens: Opens) -> None:
    store, other = opens(), opens()
    (made,) = keys_of(store, "p-1")
    assert made
    assert keys_of(other, "p-1") == [made]
    assert store.keys.destroy([("p-1", "person")]) == 1
    assert store.keys.destroy([("p-1", "person")]) == 0
    for each in (store, other, opens()):
        assert keys_of(each, "p-1") == [None]
        assert each.keys.get([made[0]]) == {made[0]: None}


def test_a_key_destroyed_before_its_first_use_is_never_made(opens: Opens) -> None:
    store = opens()
    assert store.keys.destroy([("p-1", "person")]) == 0
    assert keys_of(store, "p-1") == [None]


def test_a_new_key_is_stored_only_when_it_is_asked(opens: Opens) -> None:
    store, other = opens(), opens()
    stored, new = store.keys.get_or_draft([PAIR])
    assert (stored, list(new)) == ({}, [PAIR])
    assert store.keys.stored([PAIR]) == other.keys.stored([PAIR]) == {}
    assert store.keys.store(new) == new == other.keys.stored([PAIR])
    assert store.keys.get_or_draft([PAIR]) == (new, {})


def test_who_drafts_the_same_key_gets_the_same_one_while_somebody_holds_it(opens: Opens) -> None:
    keys = opens().keys
    _, new = keys.get_or_draft([PAIR])
    assert keys.get_or_draft([PAIR])[1] == new
    dropped = new[PAIR].id
    del new
    assert keys.get_or_draft([PAIR])[1][PAIR].id != dropped


def test_the_first_to_store_a_key_decides_and_a_destroyed_one_stays_destroyed(opens: Opens) -> None:
    first, second = opens().keys, opens().keys
    (_, one), (_, other) = first.get_or_draft([PAIR]), second.get_or_draft([PAIR])
    assert one != other
    assert first.store(one) == one
    assert second.store(other) == one
    first.destroy([PAIR])
    assert second.store(other) == {PAIR: None}


def test_the_cache_is_bounded(opens: Opens) -> None:
    store = opens()
    cache = store.keys._cache
    cache._bound = 10
    made = keys_of(store, *(f"p-{number}" for number in range(100)))
    assert len(cache._pairs) == len(cache._ids) == 10
    assert keys_of(store, *(f"p-{number}" for number in range(100))) == made


def _in_another_process(url: str, numbers: multiprocessing.Queue[list[tuple[int, bytes] | None]]) -> None:
    store = open_store(url)
    numbers.put(keys_of(store, *(f"p-{number}" for number in range(300))))
    store.close()


def test_processes_agree_on_keys(sqlite_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    told: multiprocessing.Queue[list[tuple[int, bytes] | None]] = context.Queue()
    workers = [context.Process(target=_in_another_process, args=(sqlite_url, told)) for _ in range(3)]
    for each in workers:
        each.start()
    answers = [told.get(timeout=PATIENCE) for _ in workers]
    for each in workers:
        each.join()
    assert answers[0] == answers[1] == answers[2]
    assert None not in answers[0]


def test_threads_agree_on_keys(opens: Opens) -> None:
    stores = [opens(), opens()]
    answers: list[tuple[int, bytes] | None] = []

    def ask(store: KeyStore) -> None:
        for part in range(20):
            answers.extend(keys_of(store, *(f"p-{part}-{number}" for number in range(20))))

    threads = [threading.Thread(target=ask, args=(stores[number % 2],)) for number in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(answers) == 1600
    assert len(set(answers)) == 400
