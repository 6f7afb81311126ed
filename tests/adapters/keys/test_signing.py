"""The keys that sign: made once, rotated, and never confused with those of another log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.keys.signing import SigningKeys
from adapters.keys.store import KeyStore, open_store
from streams.tree.verifier import COSIGNATURE, ED25519, Key, Unproven

LOG = "example.org/1"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[KeyStore]:
    opened = open_store(f"sqlite:///{tmp_path}/keys.db")
    yield opened
    opened.close()


def test_a_key_is_made_at_its_first_use_and_kept(store: KeyStore) -> None:
    (signer,) = SigningKeys(store.secrets).of_log(LOG)
    assert (signer.key.name, signer.key.kind) == (LOG, ED25519)
    assert SigningKeys(store.secrets).of_log(LOG)[0].key == signer.key
    assert SigningKeys(store.secrets).of_log("example.org/2")[0].key.public != signer.key.public
    signer.key.verify("text\n", signer.sign("text\n").signature)


def test_a_new_key_has_another_id_and_the_two_newest_sign(store: KeyStore) -> None:
    keys = SigningKeys(store.secrets)
    made = [keys.of_log(LOG)[0].key, *(keys.rotate(LOG).key for _ in range(10))]
    assert [each.key for each in keys.of_log(LOG)] == made
    assert [each.key for each in keys.signing(LOG)] == made[-2:]
    assert len({each.id for each in made}) == 11
    assert set(keys.of_logs()) == set(made)


def test_a_witness_signs_with_a_key_of_its_own_and_says_when(store: KeyStore) -> None:
    witness = SigningKeys(store.secrets).witness("example.org/witness")
    assert witness.key.kind == COSIGNATURE
    signature = witness.sign("text\n", 1_679_315_147).signature
    assert int.from_bytes(signature[:8], "big") == 1_679_315_147
    assert len(signature) == 72
    witness.key.verify("text\n", signature)
    with pytest.raises(Unproven):
        witness.key.verify("text\n", bytes(8) + signature[8:])
    with pytest.raises(Unproven):
        Key.of(witness.key.name, ED25519, witness.key.public).verify("text\n", signature[8:])
