"""The erasure certificate: it tells all that is gone and all that stays, and nothing of it can be changed."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from adapters.contracts.codec import AvroCodec
from adapters.keys.sealer import Clear, Sealer
from adapters.keys.signing import Signer
from adapters.keys.store import open_store
from events.catalogue import names
from events.contract import fields, personal_fields
from events.event import Event
from events.identity.erasure import Kept, PersonErased
from events.identity.persons import PersonRegistered, PersonsMerged
from events.learning.certificates import CertificateIssued
from streams.erasure.certificate import Certifier, ErasurePending, NotErased, SealedFields, check
from streams.erasure.eraser import Eraser
from streams.scenario import at
from streams.tree.verifier import ED25519, Checkpoint, Note, Unproven
from tests.logs.memory_log import MemoryLog

CODEC = AvroCodec()
SIGNER = Signer("example.org/log", ED25519, bytes(range(32)))
GROUND = '学位法\n"statute"'
NAMED = {"p": "王小明", "q": "李雷", "t": "韩梅梅"}


def kept_and_gone(sealer: Sealer) -> list[Event]:
    """Return what there is of a person under two numbers, of somebody else, and the erasure of the former."""

    def sealed(person: str, id_: str, field: str, text: str, retention: str = "person") -> bytes:
        clear = Clear(person, retention, "s", id_, field, text)
        (found,) = sealer.seal_batch([clear])
        assert found
        return found

    persons = [
        PersonRegistered(
            person=each,
            id=f"r-{each}",
            name=sealed(each, f"r-{each}", "name", name),
            birth_date=sealed(each, f"r-{each}", "birth_date", "1999-01-02") if each == "p" else None,
        )
        for each, name in NAMED.items()
    ]
    diploma = CertificateIssued(
        id="c",
        certificate="c-1",
        person="q",
        institution="a",
        title="welding",
        awards=["w"],
        holder=sealed("q", "c", "holder", "李雷", "diploma"),
    )
    merged = PersonsMerged(id="m", merged="q", surviving="p")
    erased = PersonErased(id="e", person="p", request="s#r", kept=[Kept("diploma", GROUND)])
    return [*persons, diploma, merged, erased]


class World:
    def __init__(self, folder: Path) -> None:
        self.log, self.store = MemoryLog(), open_store(f"sqlite:///{folder}/keys.db")
        self.sealer = Sealer(self.store.keys, self.store.secrets)
        events = [replace(each, source="s") for each in kept_and_gone(self.sealer)]
        self.log.append([CODEC.propose(each) for each in events])
        self.checkpoint = self.signed()

    def signed(self) -> str:
        tree = self.log.tree()
        text = str(Checkpoint(SIGNER.key.name, tree.size, tree.root))
        return str(Note(text, (SIGNER.sign(text),)))

    def erase(self) -> None:
        now = at("2024-07-01")
        Eraser(self.log, CODEC, self.store.keys, self.store.bookmarks, lambda: now).step()

    def text(self, tag: str = "person:p") -> str:
        return Certifier(self.log, CODEC, self.sealer.open_batch).text(tag, self.checkpoint)

    def note(self) -> str:
        text = self.text()
        return str(Note(text, (SIGNER.sign(text),)))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    found = World(tmp_path)
    yield found
    found.store.close()


def test_it_lists_what_is_gone_and_what_stays(world: World) -> None:
    with pytest.raises(ErasurePending, match="not destroyed yet"):
        world.text()
    world.erase()
    told = check(world.note(), [SIGNER.key], CODEC)
    assert told.unreadable == [
        SealedFields(1, "identity.PersonRegistered", ["name", "birth_date"]),
        SealedFields(2, "identity.PersonRegistered", ["name"]),
    ]
    assert told.readable == [SealedFields(4, "learning.CertificateIssued", ["holder"])]
    assert [(each.retention, each.ground, each.until) for each in told.kept] == [("diploma", GROUND, None)]
    assert (told.log, told.person, told.also, told.position) == (SIGNER.key.name, "person:p", ["person:q"], 6)
    assert {"person:p", "person:q"} <= set(told.tags)
    assert "person:t" not in told.tags


def test_who_was_not_erased_gets_none(world: World) -> None:
    for tag in ("person:t", "person:q", "person:nobody"):
        with pytest.raises(NotErased, match=tag):
            world.text(tag)


def test_nothing_of_it_can_be_changed(world: World) -> None:
    world.erase()
    note = world.note()
    for index in range(0, len(note), 7):
        changed = f"{note[:index]}{'y' if note[index] != 'y' else 'z'}{note[index + 1 :]}"
        with pytest.raises(Unproven):
            check(changed, [SIGNER.key], CODEC)


def test_it_is_held_against_its_log_and_its_receipt(world: World) -> None:
    world.erase()
    note, text = world.note(), world.text()
    other = Signer(SIGNER.key.name, ED25519, bytes(32))
    with pytest.raises(Unproven, match="no key that was given"):
        check(note, [other.key], CODEC)
    with pytest.raises(Unproven, match=r"is not a pujiang-erasure-certificate"):
        check(world.checkpoint, [SIGNER.key], CODEC)
    receipt = base64.b64encode(world.log.read(0, 1, 1)[0].entry).decode()
    erasing = base64.b64encode(world.log.read(5, 6, 1)[0].entry).decode()
    for before, after in (
        ('"position": 6', '"position": 5'),
        ('"person": "person:p"', '"person": "person:t"'),
        ('"retention": "diploma"', '"retention": "roll"'),
        (f"extra {erasing}", f"extra {receipt}"),
        ('"log": "example.org/log"', '"log": "example.org/other"'),
        ("index 5", "index 4"),
    ):
        changed = text.replace(before, after)
        assert changed != text, before
        with pytest.raises(Unproven):
            check(str(Note(changed, (SIGNER.sign(changed),))), [SIGNER.key], CODEC)


def test_every_sealed_field_is_found_by_whose_it_is() -> None:
    for cls in names():
        tagged = {each.name: each.tag.kind for each in fields(cls) if each.tag}
        for field in personal_fields(cls):
            assert field.personal
            assert tagged.get(field.personal.of) == "person", (cls, field.name)
