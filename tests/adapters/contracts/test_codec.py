"""The codec: every event class comes back from its bytes as it was, and broken bytes are told."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.contracts.codec import AvroCodec
from adapters.contracts.published import ContractFault, latest, publish, published, unpublished
from events.catalogue import by_name, names
from events.entry import Stored, complete
from events.event import Event
from events.roll.pupils import StudentEnrolled
from streams.ports import Undecodable
from tests.logs.strategies import events

CODEC = AvroCodec()
LIGHT = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
ENROLLED = StudentEnrolled("p", "s", "d", "primary", 1, id="1", source="urn:test", occurred_at=5)


def stored(event: Event, position: int = 7, recorded_at: int = 9) -> Stored:
    return Stored(position, complete(CODEC.propose(event).tail(), recorded_at))


@pytest.mark.parametrize("name", sorted(by_name()))
def test_every_event_comes_back_as_it_was(name: str) -> None:
    @LIGHT
    @given(events(by_name()[name]))
    def comes_back(event: Event) -> None:
        expected = msgspec.structs.replace(event, position=7, recorded_at=9)
        assert CODEC.decode(stored(event)) == expected

    comes_back()


def test_the_same_event_has_the_same_bytes() -> None:
    assert AvroCodec().propose(ENROLLED) == CODEC.propose(ENROLLED)


def test_data_is_framed_as_confluent_does() -> None:
    data = CODEC.propose(ENROLLED).data
    contract = latest(published())["roll.StudentEnrolled"]
    assert data[:5] == b"\0" + contract.id.to_bytes(4, "big")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_decode_or_are_told_as_undecodable(entry: bytes) -> None:
    with pytest.raises(Undecodable, match="position 3"):
        CODEC.decode(Stored(3, entry))


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(sorted(by_name())).flatmap(lambda name: events(by_name()[name])), st.data())
def test_any_change_to_an_entry_decodes_or_is_told_as_undecodable(event: Event, draw: st.DataObject) -> None:
    entry = bytearray(stored(event).entry)
    for _ in range(draw.draw(st.integers(1, 3))):
        place = draw.draw(st.integers(0, len(entry) - 1))
        entry[place : place + draw.draw(st.integers(0, 3))] = draw.draw(st.binary(max_size=10))
    with suppress(Undecodable):
        assert isinstance(CODEC.decode(Stored(3, bytes(entry))), Event)


@pytest.mark.parametrize("length", range(0, len(stored(ENROLLED).entry), 3))
def test_a_cut_entry_is_told_as_undecodable(length: int) -> None:
    with pytest.raises(Undecodable):
        CODEC.decode(Stored(3, stored(ENROLLED).entry[:length]))


def test_every_event_has_its_published_contract() -> None:
    assert list(unpublished(published())) == []
    assert set(latest(published())) == set(names().values())


def test_ids_are_unique_and_count_from_one() -> None:
    assert [each.id for each in published()] == list(range(1, len(published()) + 1))


def test_a_field_may_come_with_a_default_and_not_without(tmp_path: Path) -> None:
    publish(tmp_path)
    file = tmp_path / "roll.SchoolClosed.1.avsc"
    schema = json.loads(file.read_text())

    schema["fields"].append({"name": "once", "type": "string", "default": ""})
    file.write_text(json.dumps(schema))
    [made] = publish(tmp_path)
    assert (made.file, made.id) == ("roll.SchoolClosed.2.avsc", len(names()) + 1)

    schema["fields"][-1] = {"name": "once", "type": "string"}
    file.write_text(json.dumps(schema))
    (tmp_path / made.file).write_text(json.dumps(schema))
    with pytest.raises(ContractFault, match="without a default"):
        list(unpublished(published(tmp_path)))


def test_bytes_of_an_older_contract_are_read_as_todays_event(tmp_path: Path) -> None:
    publish(tmp_path)
    file = tmp_path / "roll.StudentEnrolled.1.avsc"
    schema = json.loads(file.read_text())
    without = [each for each in schema["fields"] if each["name"] != "class_name"]
    file.write_text(json.dumps({**schema, "fields": without}))
    old = published(tmp_path)
    publish(tmp_path)
    entry = stored(ENROLLED).entry
    body = entry.index(b"\0" + latest(published())["roll.StudentEnrolled"].id.to_bytes(4, "big"))
    frame = b"\0" + latest(old)["roll.StudentEnrolled"].id.to_bytes(4, "big")
    written = entry[:body] + frame + entry[body + 5 : -1]
    decoded = AvroCodec(published(tmp_path)).decode(Stored(1, written))
    assert decoded == msgspec.structs.replace(ENROLLED, position=1, recorded_at=9)
