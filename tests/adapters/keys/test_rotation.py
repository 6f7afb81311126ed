"""Rotation of the key-encryption key: everything opens before, meanwhile and after it, and only by the new one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest
from psycopg.conninfo import conninfo_to_dict

from adapters.keys import rotation
from adapters.keys.kek import ciphers, next_of, old_of, opened
from adapters.keys.shelf import KeyStoreFault
from adapters.keys.store import KeyStore, open_shelf, open_store, purpose
from tests.processes.killed import ROTATING, ask

PAIRS = [(f"p-{number}", retention) for number in range(60) for retention in ("person", "roll")]
Opens = Callable[[], KeyStore]


@pytest.fixture
def kek(tmp_path: Path) -> Path:
    return tmp_path / "home/keys/kek"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, kek: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{kek.with_name('keys.db')}"
    return f"postgresql://?{urlencode(conninfo_to_dict(request.getfixturevalue('database_url')))}"


@pytest.fixture
def opens(url: str, kek: Path) -> Iterator[Opens]:
    stores: list[KeyStore] = []

    def open_() -> KeyStore:
        stores.append(open_store(url, kek))
        return stores[-1]

    yield open_
    for each in stores:
        each.close()


def rotate(url: str, kek: Path) -> None:
    with closing(open_shelf(url)) as shelf:
        rotation.rotate(shelf, kek, lambda _: None)


def held_open(store: KeyStore) -> object:
    return dict(store.keys_for(PAIRS)), store.secret("find"), store.keys_of([1, 2, 3])


def test_all_keys_stay_what_they_were(opens: Opens, url: str, kek: Path) -> None:
    store = opens()
    store.destroy("p-9", "person")
    before, file = held_open(store), kek.read_bytes()
    rotate(url, kek)
    assert kek.read_bytes() != file
    assert held_open(store) == held_open(opens()) == before
    assert list(kek.parent.glob("kek*")) == [kek]
    assert kek.stat().st_mode & 0o777 == 0o600


def test_the_old_one_opens_nothing_any_more(opens: Opens, url: str, kek: Path) -> None:
    held_open(opens())
    old = ciphers(kek)
    with closing(open_shelf(url)) as shelf:
        before = shelf.wrapped(0, 1000)
        rotate(url, kek)
        after = shelf.wrapped(0, 1000)
    assert [each.id for each in after] == [each.id for each in before]
    for row in after:
        assert row.wrapped
        assert opened(old, row.wrapped, purpose((row.person, row.retention))) is None
        assert opened(ciphers(kek), row.wrapped, purpose((row.person, row.retention)))


def test_who_has_the_store_open_makes_and_finds_keys_at_every_moment(
    opens: Opens, url: str, kek: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = opens()
    made: list[tuple[str, str]] = []
    held_open(before)
    monkeypatch.setattr(rotation, "AT_ONCE", 50)

    def meanwhile(_: int) -> None:
        if len(made) == 4:  # else it would not end: there would always be one more
            return
        made.append((f"new-{len(made)}", "person"))
        assert before.keys_for([made[-1]]) == opens().keys_for([made[-1]])
        assert held_open(before) == held_open(opens())

    with closing(open_shelf(url)) as shelf:
        rotation.rotate(shelf, kek, meanwhile)
    assert len(made) == 4
    assert opens().keys_for(made) == before.keys_for(made)


def test_what_is_destroyed_meanwhile_stays_destroyed(opens: Opens, url: str, kek: Path) -> None:
    store = opens()
    held_open(store)
    with closing(open_shelf(url)) as shelf:
        read = shelf.wrapped

        def wrapped(after: int, limit: int) -> object:
            found = read(after, limit)
            store.destroy(*PAIRS[0])
            return found

        shelf.wrapped = wrapped  # type: ignore[method-assign, assignment]
        rotation.rotate(shelf, kek, lambda _: None)
    assert opens().keys_for(PAIRS[:1]) == {PAIRS[0]: None}


@pytest.mark.parametrize("point", ROTATING)
def test_killed_anywhere_nothing_is_lost_and_it_goes_on(
    opens: Opens, url: str, kek: Path, point: str
) -> None:
    before = held_open(opens())
    home = kek.parent.parent
    environment = os.environ | {"PUJIANG_HOME": str(home), "PUJIANG_KEYS_URL": url}
    command = [sys.executable, "-m", "tests.processes.killed", "keys", "rotate-kek"]
    asked = ask(home, point, "process")
    first = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert first.returncode == -9, first.stderr
    assert not asked.exists()
    assert held_open(opens()) == before
    made = opens().keys_for([("late", "person")])
    again = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert again.returncode == 0, again.stderr
    assert [next_of(kek).exists(), old_of(kek).exists()] == [False, False]
    assert held_open(opens()) == before
    assert opens().keys_for([("late", "person")]) == made
    with closing(open_shelf(url)) as shelf:
        for row in shelf.wrapped(0, 1000):
            assert row.wrapped
            assert opened(ciphers(kek), row.wrapped, purpose((row.person, row.retention)))


def test_other_machines_are_given_the_file_first(opens: Opens, url: str, kek: Path, tmp_path: Path) -> None:
    before = held_open(opens())
    other = tmp_path / "other/kek"
    other.parent.mkdir()
    other.write_bytes(kek.read_bytes())
    next_of(other).write_bytes(rotation.prepare(kek).read_bytes())
    with closing(open_store(url, other)) as elsewhere:
        rotate(url, kek)
        assert held_open(elsewhere) == before
    rotate(url, other)
    assert other.read_bytes() == kek.read_bytes()
    with closing(open_store(url, other)) as elsewhere:
        assert held_open(elsewhere) == before


def test_a_machine_without_the_file_is_told(opens: Opens, url: str, kek: Path, tmp_path: Path) -> None:
    held_open(opens())
    other = tmp_path / "other/kek"
    other.parent.mkdir()
    other.write_bytes(kek.read_bytes())
    rotate(url, kek)
    with closing(open_store(url, other)) as elsewhere, pytest.raises(KeyStoreFault, match="does not open"):
        held_open(elsewhere)
    with pytest.raises(KeyStoreFault, match="was rotated elsewhere"):
        rotate(url, other)


def test_one_rotation_at_a_time(opens: Opens, url: str, kek: Path) -> None:
    held_open(opens())
    with closing(open_shelf(url)) as shelf, pytest.raises(KeyStoreFault, match="another command"):
        rotation.rotate(shelf, kek, lambda _: rotate(url, kek))
