"""Every form in which a message may come is read to the same event, and what cannot be read is told with its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.door.door import Door
from adapters.kafka.inbox.decoder import CloudEventDecoder
from adapters.keys.sealer import Sealer
from adapters.keys.store import open_store
from events.catalogue import publishable
from events.event import Event
from streams.bus.message import EventIdentity, Message, UnreadableMessage
from streams.publish.request import Request
from tests.adapters.kafka import forms
from tests.adapters.kafka.forms import Headers
from tests.adapters.kept import kept
from tests.adapters.sent import data
from tests.bus.inbox import CODEC, STRUCTURED, person, school

LIGHT = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
JSON = ("content-type", b"application/json")
AVRO = ("content-type", b"application/avro")


@pytest.fixture(scope="module")
def sealer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sealer]:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('keys')}/keys.db")
    yield Sealer(store.keys, store.secrets)
    store.close()


@pytest.fixture(scope="module")
def decoder(sealer: Sealer) -> CloudEventDecoder:
    return CloudEventDecoder(Door(CODEC, sealer), CODEC)


def structured(sent: dict[str, Any]) -> Message:
    return of(forms.structured(sent))


def binary(sent: dict[str, Any], *more: tuple[str, bytes | None]) -> Message:
    value, headers = forms.binary(sent)
    return of((value, (*headers[:-1], *more)))


def framed(sent: dict[str, Any], *more: tuple[str, bytes | None]) -> Message:
    value, headers = forms.framed(sent)
    return of((value, (*headers[:-1], *more)))


def of(sent: tuple[bytes, Headers]) -> Message:
    return Message("t", 0, 0, None, *sent)


def read(decoder: CloudEventDecoder, message: Message) -> Event:
    (found,) = decoder.decode([message])
    assert isinstance(found, Request), found
    return found.events[0]


def told(decoder: CloudEventDecoder, message: Message) -> UnreadableMessage:
    (found,) = decoder.decode([message])
    assert isinstance(found, UnreadableMessage)
    return found


@pytest.mark.parametrize("name", sorted(publishable()))
def test_every_event_is_the_same_in_whatever_form_it_comes(decoder: CloudEventDecoder, name: str) -> None:
    @LIGHT
    @given(data(publishable()[name]))
    def comes_in(sent: dict[str, Any]) -> None:
        event = {**school("s"), "type": name, "data": sent}
        (held,) = decoder.decode(
            [structured(event)]
        )  # with its new keys, which others are sealed with as well
        assert isinstance(held, Request)
        (expected,) = held.events
        assert read(decoder, binary(event, JSON)) == expected
        assert read(decoder, framed(event, AVRO)) == expected

    comes_in()


def test_the_content_type_may_be_left_out_and_has_parameters(decoder: CloudEventDecoder) -> None:
    expected = read(decoder, structured(school("s")))
    utf8 = ("Content-Type", b"application/CloudEvents+json; charset=utf-8")
    assert read(decoder, Message("t", 0, 0, None, msgspec.json.encode(school("s")), (utf8,))) == expected
    assert read(decoder, binary(school("s"))) == expected
    assert read(decoder, framed(school("s"))) == expected
    assert read(decoder, binary(school("s"), ("CE_TraceParent", b"\xff"[:0]), ("other", b"\xff"))) == expected


def test_header_values_are_plain_utf8_and_not_percent_encoded(decoder: CloudEventDecoder) -> None:
    event = read(decoder, binary({**school("s"), "id": "100%25 号"}))
    assert event.id == "100%25 号"


def test_an_attribute_stands_in_one_header(decoder: CloudEventDecoder) -> None:
    found = told(decoder, binary(school("s"), ("CE_id", b"2")))
    assert (found.code, found.sentence) == ("invalid", "body: the header ce_id stands twice")


def test_the_type_of_framed_data_is_that_of_its_contract(decoder: CloudEventDecoder) -> None:
    message = framed(school("s"), AVRO)
    without = [each for each in message.headers if each[0] != "ce_type"]
    assert read(decoder, msgspec.structs.replace(message, headers=without)) == read(decoder, message)
    other = [*without, ("ce_type", b"roll.SchoolClosed")]
    found = told(decoder, msgspec.structs.replace(message, headers=other))
    assert (found.code, found.sentence) == ("invalid", "/type: the data is framed as roll.SchoolRegistered")


def test_personal_data_is_sealed_in_whatever_form_it_comes(
    decoder: CloudEventDecoder, sealer: Sealer
) -> None:
    for message in (structured(person("p")), binary(person("p")), framed(person("p"))):
        (request,) = decoder.decode([message])
        assert isinstance(request, Request)
        assert "王小明".encode() not in request.proposals[0].data
        assert sealer.open_batch([kept(request, sealer).events[0].name]) == ["王小明"]  # type: ignore[attr-defined]


GOOD = forms.attributes(school("s"))


def instead(name: str, value: bytes) -> Headers:
    return (*(each for each in GOOD if each[0] != name), (name, value))


@pytest.mark.parametrize(
    "value, headers, code, sentence",
    [
        (None, STRUCTURED, "malformed", "the message has no value"),
        (b"{", STRUCTURED, "malformed", "body: Input data was truncated"),
        (b"{}", STRUCTURED, "invalid", "body: Object missing required field `specversion`"),
        (b"[]", STRUCTURED, "invalid", "Expected `object`, got `array`"),
        (b"\xff", STRUCTURED, "malformed", "body: "),
        (b'{"school": "s\\u0000"}', GOOD, "invalid", "/data/school: expected an identifier"),
        (b"{}", (), "unsupported-media-type", "send application/cloudevents+json, or application/json"),
        (b"{}", (JSON,), "unsupported-media-type", "with ce_specversion and its like as headers"),
        (b"{}", (*GOOD, ("content-type", b"text/xml")), "unsupported-media-type", "send"),
        (b"[]", (("content-type", b"application/cloudevents-batch+json"),), "unsupported-media-type", "send"),
        (b"{}", (*GOOD, ("content-type", b"\xff")), "invalid", "the header content-type is not UTF-8"),
        (b"{}", (*GOOD, ("ce_source", b"\xff")), "invalid", "the header ce_source is not UTF-8"),
        (b"{}", instead("ce_time", b"now"), "invalid", "/time: Invalid RFC3339"),
        (b"{}", (*GOOD, ("ce_subject", None)), "invalid", "/data"),
        (
            b"{}",
            instead("ce_type", b"roll.Nothing"),
            "unknown-type",
            "/type: 'roll.Nothing' is not an event type",
        ),
        (b'{"school": 1}', GOOD, "invalid", "/data/school: Expected `str`, got `int`"),
        (b"\0", GOOD, "malformed", "/data: no contract has the frame 00"),
        (b"\0\0\0\xff\xff..", (*GOOD, AVRO), "malformed", "/data: no contract has the frame 000000ffff"),
        (b"{}", (*GOOD, AVRO), "malformed", "/data: no contract has the frame 7b7d"),
        (framed(school("s")).value[:-1], GOOD, "malformed", "does not follow the contract"),  # type: ignore[index]
        (framed(school("s")).value + b"!", GOOD, "malformed", "1 bytes are left over after the Avro data"),  # type: ignore[operator]
    ],
)
def test_what_cannot_be_read_is_told_with_what_and_where(
    decoder: CloudEventDecoder, value: bytes | None, headers: Headers, code: str, sentence: str
) -> None:
    found = told(decoder, Message("t", 0, 0, None, value, headers))
    assert found.code == code
    assert sentence in found.sentence


def test_who_sent_it_is_told_where_that_can_be_read(decoder: CloudEventDecoder) -> None:
    wrong = {**school("s"), "data": {}}
    assert told(decoder, structured(wrong)).identity == EventIdentity(
        "urn:test", "school-s", "roll.SchoolRegistered"
    )
    assert told(decoder, Message("t", 0, 0, None, b"{", STRUCTURED)).identity == EventIdentity()


def test_wrong_ones_do_not_disturb_the_others_of_a_batch(decoder: CloudEventDecoder) -> None:
    wrong, broken = structured({**school("s"), "time": "x"}), Message("t", 0, 0, None, b"\0", STRUCTURED)
    sent = [wrong, structured(school("s")), broken, structured(person("p")), framed(school("t")), wrong]
    found = decoder.decode(sent)
    assert [isinstance(each, Request) for each in found] == [False, True, False, True, True, False]
    assert [each.events[0].id for each in found if isinstance(each, Request)] == [
        "school-s",
        "person-p",
        "school-t",
    ]


def test_data_of_the_erased_is_told_as_such(tmp_path_factory: pytest.TempPathFactory) -> None:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('erased')}/keys.db")
    store.keys.destroy([("p", "person")])
    found = told(
        CloudEventDecoder(Door(CODEC, Sealer(store.keys, store.secrets)), CODEC), structured(person("p"))
    )
    assert (found.code, found.identity.id) == ("erased", "person-p")
    store.close()


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.none() | st.binary(max_size=60) | st.binary(max_size=60).map(lambda each: b"\0\0\0\0\x01" + each),
    st.lists(
        st.tuples(
            st.sampled_from(["content-type", "ce_specversion", "ce_id", "ce_type", "x"]),
            st.none()
            | st.binary(max_size=9)
            | st.sampled_from([b"1.0", b"application/json", b"application/avro"]),
        )
    ),
)
def test_any_message_is_read_or_told(
    decoder: CloudEventDecoder, value: bytes | None, headers: list[Any]
) -> None:
    for more in ((), GOOD):
        (found,) = decoder.decode([Message("t", 0, 0, None, value, (*headers, *more))])
        assert isinstance(found, Request | UnreadableMessage)
