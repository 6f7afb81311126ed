"""The name index: everybody in it who is in the log, nobody who is erased, built again when it must be."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import pytest

from adapters.keys import sealer as sealing
from adapters.keys.sealer import Clear, Sealer
from adapters.keys.store import KeyStore, open_store
from events.identity.persons import PersonDetailsCorrected, PersonRegistered
from streams.finding.name_index import FoundBy, NameIndex, Standing
from tests.logs.histories import append
from tests.logs.memory_log import MemoryLog
from tests.logs.publishing import CODEC


class Tables:
    """The port `Names`, in memory."""

    def __init__(self) -> None:
        self.now: Standing | None = None
        self.rows = set[tuple[bytes, bytes, int]]()
        self.begun = 0

    def standing(self) -> Standing | None:
        return self.now

    def begin(self, version: str) -> None:
        self.now, self.begun = Standing(version, 0, 0), self.begun + 1
        self.rows.clear()

    def add(self, found: Sequence[FoundBy], position: int) -> None:
        assert self.now
        self.rows |= {(each.hash, each.sealed, each.key) for each in found}
        self.now = Standing(self.now.version, max(position, self.now.position), self.now.destructions)

    def forget(self, keys: Collection[int], destructions: int) -> None:
        assert self.now
        self.rows = {row for row in self.rows if row[2] not in keys}
        self.now = Standing(self.now.version, self.now.position, destructions)


class World:
    def __init__(self, store: KeyStore) -> None:
        self.log, self.tables, self.store = MemoryLog(), Tables(), store
        self.sealer = Sealer(store.keys, store.secrets)

    def step(self) -> int:
        return NameIndex(self.log, CODEC, self.sealer, self.tables).step()

    def register(self, person: str, name: str) -> None:
        clear = Clear(person, "person", "/s", f"r-{person}", "name", name)
        (sealed,) = self.sealer.seal_batch([clear])
        assert sealed
        append(self.log, CODEC, [PersonRegistered(person, name=sealed, id=f"r-{person}", source="/s")])

    def found(self, name: str) -> list[str | None]:
        wanted = self.sealer.find_hash(name)
        return self.sealer.open_batch([sealed for hash_, sealed, _ in self.tables.rows if hash_ == wanted])


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store = open_store(f"sqlite:///{tmp_path}/keys.db")
    yield World(store)
    store.close()


def test_names_are_found_however_they_are_spelt(world: World) -> None:
    world.register("p", "买买提•艾山")
    world.register("q", "李雷")
    assert world.step() == 2
    assert (world.found("买买提 · 艾山"), world.found("李雷")) == (["买买提•艾山"], ["李雷"])
    assert (world.step(), world.tables.begun) == (0, 1)


def test_an_event_without_the_field_changes_nothing(world: World) -> None:
    append(world.log, CODEC, [PersonDetailsCorrected("p", id="c", source="/s")])
    assert world.step() == 0
    assert world.tables.now
    assert world.tables.now.position == 1


def test_who_is_erased_is_forgotten_and_is_not_indexed_again(world: World) -> None:
    world.register("p", "王小明")
    world.register("q", "王小明")
    world.step()
    world.store.keys.destroy([("p", "person")])
    world.step()
    assert world.found("王小明") == ["王小明"]
    world.tables.now = None
    world.step()
    assert (len(world.tables.rows), world.tables.begun) == (1, 2)


def test_another_folding_or_another_key_store_builds_it_again(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.register("p", "王小明")
    world.step()
    monkeypatch.setattr(sealing, "VERSION", 3)
    world.sealer = Sealer(world.store.keys, world.store.secrets)
    world.step()
    assert (world.found("王小明"), len(world.tables.rows), world.tables.begun) == (["王小明"], 1, 2)
    other = open_store(f"sqlite:///{tmp_path}/other.db", tmp_path / "other-kek")
    world.sealer = Sealer(other.keys, other.secrets)
    world.step()
    assert (world.tables.rows, world.tables.begun) == (set(), 3)
    other.close()
