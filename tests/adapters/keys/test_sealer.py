"""Seals: the same value in the same place gives the same bytes, and only its key opens it."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.keys.seal import Seal
from adapters.keys.sealer import Clear, Sealer
from adapters.keys.store import KeyStore, open_store
from streams.finding.name_index import FoundBy

NAME = Clear(person="p-1", retention="person", source="s", id="1", field="name", text="王小明")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeyStore]:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('keys')}/keys.db")
    yield store
    store.close()


@pytest.fixture(scope="module")
def sealer(store: KeyStore) -> Sealer:
    return Sealer(store.keys, store.secrets)


def _seal(sealer: Sealer, value: Clear) -> bytes:
    (sealed,) = sealer.seal_batch([value])
    assert sealed is not None
    return sealed


@given(text=st.text())
def test_what_is_sealed_opens_again(sealer: Sealer, text: str) -> None:
    sealed = _seal(sealer, msgspec.structs.replace(NAME, text=text))
    assert sealer.open_batch([sealed]) == [text]


def test_sealing_again_gives_the_same_bytes(sealer: Sealer, store: KeyStore) -> None:
    assert _seal(sealer, NAME) == _seal(Sealer(store.keys, store.secrets), NAME)


@pytest.mark.parametrize(
    "other", [{"text": "x"}, {"id": "2"}, {"source": "t"}, {"field": "f"}, {"person": "p-2"}]
)
def test_anything_else_gives_other_bytes(sealer: Sealer, other: dict[str, str]) -> None:
    assert _seal(sealer, NAME) != _seal(sealer, msgspec.structs.replace(NAME, **other))


def test_nothing_in_a_seal_tells_that_two_names_are_equal(sealer: Sealer) -> None:
    one = _seal(sealer, NAME)
    other = _seal(sealer, msgspec.structs.replace(NAME, person="p-2", id="2"))
    longest = max(
        len(one[at:end]) for at in range(len(one)) for end in range(at, len(one)) if one[at:end] in other
    )
    assert longest < 4


def test_values_that_can_be_opened_are_found_by_the_hash_of_their_text(sealer: Sealer) -> None:
    sealed = _seal(sealer, msgspec.structs.replace(NAME, text="Ｗang Xiaoming"))
    (found,) = sealer.found_by([b"no seal", sealed])
    assert found == FoundBy(sealer.find_hash(" wangxiaoming "), sealed, Seal.read(sealed).key_id)


def test_documents_are_hashed_alike_however_written(sealer: Sealer) -> None:
    assert sealer.hash_document("31010120000101123X") == sealer.hash_document("31010120000101123x ")
    assert len(sealer.hash_document("1")) == 32


@pytest.mark.parametrize("index", [0, 5, 12, 30])
def test_a_changed_seal_does_not_open(sealer: Sealer, index: int) -> None:
    sealed = bytearray(_seal(sealer, NAME))
    sealed[index] ^= 1
    intact = _seal(sealer, NAME)
    before = sum(sealer.unopened().values())
    assert sealer.open_batch([bytes(sealed), intact]) == [None, "王小明"]
    assert sum(sealer.unopened().values()) == before + 1


@pytest.mark.parametrize("value", [b"", b"\x01", b"clear text, long enough to be mistaken for a seal"])
def test_what_is_no_seal_is_told(sealer: Sealer, value: bytes) -> None:
    before = sealer.unopened().get("broken-seal", 0)
    assert sealer.open_batch([value, _seal(sealer, NAME)]) == [None, "王小明"]
    assert sealer.unopened()["broken-seal"] == before + 1


def test_without_the_key_nothing_opens_and_nothing_is_sealed(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/keys.db")
    sealer = Sealer(store.keys, store.secrets)
    other = msgspec.structs.replace(NAME, person="p-2")
    sealed = [_seal(sealer, NAME), _seal(sealer, other)]
    store.keys.destroy([("p-1", "person")])
    assert sealer.open_batch(sealed) == [None, other.text]
    assert sealer.unopened() == {}
    assert sealer.seal_batch([NAME, other]) == [None, sealed[1]]
    store.close()
