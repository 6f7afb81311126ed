"""Events of the official SDK of Python come in the same in each mode and binding."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from cloudevents.core.bindings import http, kafka
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from adapters.contracts.codec import AvroCodec
from adapters.door.door import Door
from adapters.kafka.inbox.decoder import CloudEventDecoder
from adapters.keys.sealer import Sealer
from adapters.keys.store import open_store
from events.event import Event
from streams.bus.message import Message
from streams.publish.request import Request

SCHOOL = {"school": "s-1", "name": "第一小学", "district": "310115", "stages": ["primary"]}
IDENTITIES = ["1", "学 x", "100%", "a%20b", 'the "first"', "a+b&c=d", "é"]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Door:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('keys')}/keys.db")
    return Door(AvroCodec(), Sealer(store.keys, store.secrets))


def made(identity: str, data: Any = SCHOOL) -> CloudEvent:
    attributes = {
        "id": identity,
        "source": "urn:test",
        "type": "roll.SchoolRegistered",
        "specversion": "1.0",
        "time": datetime.fromisoformat("2024-09-01T08:00:00+08:00"),
        "datacontenttype": "application/json",
        "correlationid": f"因 {identity}",
    }
    return CloudEvent(attributes, data)


def over_kafka(door: Door, sent: kafka.KafkaMessage) -> Event:
    headers = tuple(sent.headers.items())
    (found,) = CloudEventDecoder(door, AvroCodec()).decode([Message("t", 0, 0, None, sent.value, headers)])
    assert isinstance(found, Request), found
    return found.events[0]


@pytest.mark.parametrize("identity", IDENTITIES)
def test_its_events_are_the_same_in_each_mode_and_binding(door: Door, identity: str) -> None:
    event, form = made(identity), JSONFormat()
    binary = http.to_binary(event, form)
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in binary.headers.items()]
    found = [
        door.single(http.to_structured(event, form).body).events[0],
        door.binary(headers, binary.body).events[0],
        over_kafka(door, kafka.to_structured(event, form)),
        over_kafka(door, kafka.to_binary(event, form)),
    ]
    assert found == [found[0]] * 4
    assert (found[0].id, dict(found[0].extensions)) == (identity, {"correlationid": f"因 {identity}"})


def test_its_bytes_are_data(door: Door) -> None:
    expected = door.single(http.to_structured(made("1"), JSONFormat()).body).events
    sent = http.to_structured(made("1", JSONFormat().write_data(SCHOOL, "application/json")), JSONFormat())
    assert door.single(sent.body).events == expected
