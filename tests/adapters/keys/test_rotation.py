"""Rotation of the key-encryption key: everything opens before, meanwhile and after it, and only by the new one."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.keys import rotation
from adapters.keys.fault import KeyStoreFault
from adapters.keys.kek import next_of, old_of
from adapters.keys.rotation import Report, Rotation
from adapters.keys.shelf import Shelf, StoredKey
from adapters.keys.store import KeyStore, open_shelf, open_store
from adapters.keys.wrap import data_key_purpose, read_ciphers, unwrap_key
from tests.adapters.keys.conftest import Opens
from tests.processes.kill_points import ROTATING, ask

PAIRS = [(f"p-{number}", retention) for number in range(60) for retention in ("person", "roll")]


def run(shelf: Shelf, kek: Path, report: Report = lambda _: None) -> None:
    Rotation(shelf.keys, shelf.secrets, shelf.kek, kek).run(report)


def rotate(url: str, kek: Path) -> None:
    with closing(open_shelf(url)) as shelf:
        run(shelf, kek)


def wrapped_by(row: StoredKey, kek: dict[str, AESGCM]) -> bool:
    assert row.wrapped
    return unwrap_key(kek.values(), row.wrapped, data_key_purpose(row.person, row.retention)) is not None


def held_open(store: KeyStore) -> object:
    made = dict(store.keys.get_or_make(PAIRS))
    by_id = store.keys.get([each.id for each in made.values() if each])
    return made, by_id, store.secrets.get_or_make("document")


def test_all_keys_stay_what_they_were(opens: Opens, url: str, kek: Path) -> None:
    store = opens()
    store.keys.destroy([("p-9", "person")])
    before, file = held_open(store), kek.read_bytes()
    rotate(url, kek)
    assert kek.read_bytes() != file
    assert held_open(store) == held_open(opens()) == before
    assert list(kek.parent.glob("kek*")) == [kek]
    assert kek.stat().st_mode & 0o777 == 0o600


def test_the_old_one_opens_nothing_any_more(opens: Opens, url: str, kek: Path) -> None:
    held_open(opens())
    old = read_ciphers(kek)
    with closing(open_shelf(url)) as shelf:
        before = shelf.keys.page(0, 1000)
        rotate(url, kek)
        after = shelf.keys.page(0, 1000)
    assert [each.id for each in after] == [each.id for each in before]
    assert {(wrapped_by(row, old), wrapped_by(row, read_ciphers(kek))) for row in after} == {(False, True)}


def test_who_has_the_store_open_makes_and_finds_keys_at_every_moment(
    opens: Opens, url: str, kek: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = opens()
    made: list[tuple[str, str]] = []
    held_open(before)
    monkeypatch.setattr(rotation, "BATCH_KEYS", 50)

    def meanwhile(_: int) -> None:
        if len(made) == 3:  # else it might not end: there could always be one more
            return
        made.append((f"new-{len(made)}", "person"))
        assert before.keys.get_or_make([made[-1]]) == opens().keys.get_or_make([made[-1]])
        assert held_open(before) == held_open(opens())

    with closing(open_shelf(url)) as shelf:
        run(shelf, kek, meanwhile)
    assert len(made) == 3
    assert opens().keys.get_or_make(made) == before.keys.get_or_make(made)


def test_what_is_destroyed_meanwhile_stays_destroyed(opens: Opens, url: str, kek: Path) -> None:
    store = opens()
    held_open(store)
    with closing(open_shelf(url)) as shelf:
        read = shelf.keys.page

        def page(after: int, limit: int) -> list[StoredKey]:
            found = read(after, limit)
            store.keys.destroy(PAIRS[:1])
            return found

        shelf.keys.page = page  # type: ignore[method-assign]
        run(shelf, kek)
    assert opens().keys.get_or_make(PAIRS[:1]) == {PAIRS[0]: None}


@pytest.mark.parametrize("point", ROTATING)
def test_killed_anywhere_nothing_is_lost_and_it_goes_on(
    opens: Opens, url: str, kek: Path, point: str
) -> None:
    before = held_open(opens())
    home = kek.parent.parent
    environment = os.environ | {"PUJIANG_HOME": str(home), "PUJIANG_KEYS_URL": url}
    command = [sys.executable, "-m", "tests.processes.kill_points", "keys", "rotate-kek"]
    asked = ask(home, point, "process")
    first = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert first.returncode == -9, first.stderr
    assert not asked.exists()
    assert held_open(opens()) == before
    made = opens().keys.get_or_make([("late", "person")])
    again = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert again.returncode == 0, again.stderr
    assert [next_of(kek).exists(), old_of(kek).exists()] == [False, False]
    assert held_open(opens()) == before
    assert opens().keys.get_or_make([("late", "person")]) == made
    with closing(open_shelf(url)) as shelf:
        assert all(wrapped_by(row, read_ciphers(kek)) for row in shelf.keys.page(0, 1000))


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
    with (
        closing(open_store(url, other)) as elsewhere,
        pytest.raises(KeyStoreFault, match="cannot be unwrapped"),
    ):
        held_open(elsewhere)
    with pytest.raises(KeyStoreFault, match="was rotated on another machine"):
        rotate(url, other)


def test_one_rotation_at_a_time(opens: Opens, url: str, kek: Path) -> None:
    held_open(opens())
    with closing(open_shelf(url)) as shelf, pytest.raises(KeyStoreFault, match="another command"):
        run(shelf, kek, lambda _: rotate(url, kek))
