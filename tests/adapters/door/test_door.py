"""The door: what is right comes in sealed and encoded, what is wrong is told with what and where."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adapters.contracts.codec import AvroCodec
from adapters.door.door import MOST_EVENTS, Door
from adapters.keys.sealer import Sealer
from adapters.keys.store import KeyStore, open_store
from adapters.wire.bad_input import BadInput, Fault
from adapters.wire.cloudevent import to_cloudevents
from events.catalogue import publishable
from events.clock import HOUR
from events.contract import fields
from events.entry import Stored, complete
from events.event import Event
from events.identity.persons import PersonRegistered
from streams.publish.request import Request
from tests.adapters.kept import kept
from tests.adapters.sent import data

LIGHT = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
CODEC = AvroCodec()

SCHOOL: dict[str, Any] = {
    "specversion": "1.0",
    "id": "1",
    "source": "urn:test",
    "type": "roll.SchoolRegistered",
    "time": "2024-09-01T08:00:00+08:00",
    "data": {"school": "s-1", "name": "第一小学", "district": "310115", "stages": ["primary"]},
}
PERSON: dict[str, Any] = {
    **SCHOOL,
    "id": "2",
    "type": "identity.PersonRegistered",
    "data": {"person": "p-1", "name": "王小明", "birth_date": "2015-05-05", "document": "31010120150505123X"},
}


LINKED = {"project": "p", "datasets": ["d" * 64] * 1000}
OBJECTION = {"objection": "o", "project": "p", "unit": "u", "grounds": "of nobody"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeyStore]:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('keys')}/keys.db")
    yield store
    store.close()


@pytest.fixture(scope="module")
def sealer(store: KeyStore) -> Sealer:
    return Sealer(store.keys, store.secrets)


@pytest.fixture(scope="module")
def door(sealer: Sealer) -> Door:
    return Door(CODEC, sealer)


def changed(event: Mapping[str, Any], **data: Any) -> dict[str, Any]:
    return {**event, "data": {**event["data"], **data}}


def told(door: Door, *events: Any) -> list[tuple[str, str]]:
    with pytest.raises(BadInput) as caught:
        door.batch(msgspec.json.encode(events))
    return [(each.code, each.pointer) for each in caught.value.faults]


def assert_told(out: Any, sent: Any) -> None:
    """Assert that all that was sent is there; defaults may have come along."""
    if isinstance(sent, dict):
        for key, value in sent.items():
            assert_told(out[key], value)
    elif isinstance(sent, list):
        for told_, value in zip(out, sent, strict=True):
            assert_told(told_, value)
    else:
        assert out == sent


@pytest.mark.parametrize("name", sorted(publishable()))
def test_every_event_comes_in_and_goes_out_as_it_was_sent(door: Door, sealer: Sealer, name: str) -> None:
    cls = publishable()[name]
    hashed = {each.name for each in fields(cls) if each.tag and each.tag.hashed}

    @LIGHT
    @given(data(cls))
    def comes_in(sent: dict[str, Any]) -> None:
        request = kept(door.batch(msgspec.json.encode([{**SCHOOL, "type": name, "data": sent}])), sealer)
        (event,), (proposal,) = request.events, request.proposals
        assert CODEC.decode(Stored(0, complete(proposal.tail(), 0))) == event
        (out,) = to_cloudevents([event], sealer.open_batch)
        assert out["type"] == name
        assert_told(out["data"], {key: value for key, value in sent.items() if key not in hashed})

    comes_in()


def test_the_envelope_is_kept(door: Door) -> None:
    (event,) = door.single(msgspec.json.encode(SCHOOL)).events
    assert (event.source, event.id, event.day, event.position) == ("urn:test", "1", "2024-09-01", 0)
    assert to_cloudevents([event]) == [
        {
            **SCHOOL,
            "time": "2024-09-01T00:00:00Z",
            "subject": "school:s-1",
            "datacontenttype": "application/json",
        }
    ]


def test_personal_data_is_nowhere_clear(door: Door, sealer: Sealer) -> None:
    request = kept(door.single(msgspec.json.encode(PERSON)), sealer)
    (event,), (proposal,) = request.events, request.proposals
    assert isinstance(event, PersonRegistered)
    for clear in ("王小明", "2015-05-05", "31010120150505123X"):
        assert clear.encode() not in proposal.tail()
        assert clear not in repr(event)
    assert event.document == sealer.hash_document("resident-identity-card\0CN\x0031010120150505123X")
    assert f"document:{event.document}" in proposal.tags
    assert to_cloudevents([event], sealer.open_batch)[0]["data"]["name"] == "王小明"
    assert to_cloudevents([event])[0]["data"]["name"] is None


def document(door: Door, number: str, kind: str = "passport", issuer: str | None = None) -> str | None:
    sent = changed(PERSON, document=number, document_kind=kind, issuer=issuer)
    (event,) = door.single(msgspec.json.encode(sent)).events
    assert isinstance(event, PersonRegistered)
    return event.document


def test_a_document_is_its_kind_its_issuer_and_its_number(door: Door) -> None:
    card = "resident-identity-card"
    assert (
        document(door, "E12345678")
        == document(door, " ｅ1234-5678 ")
        == document(door, "E12345678", issuer="CN")
    )
    assert document(door, "E12345678") != document(door, "E12345678", issuer="FR")
    assert document(door, "E12345678") != document(door, "E12345678", "hong-kong-macao-permit")
    assert document(door, "110105491231002", card) == document(door, "11010519491231002x", card)


def test_the_same_event_again_has_the_same_bytes(door: Door, sealer: Sealer) -> None:
    body = msgspec.json.encode([PERSON, SCHOOL])
    assert kept(door.batch(body), sealer).proposals == door.batch(body).proposals


def test_what_is_erased_reads_as_null_and_is_not_taken_in_again(
    door: Door, sealer: Sealer, store: KeyStore
) -> None:
    gone, other = changed(PERSON, person="p-gone"), changed(PERSON, person="p-other")
    events = kept(door.batch(msgspec.json.encode([gone, other])), sealer).events
    store.keys.destroy([("p-gone", "person")])
    assert [each["data"]["name"] for each in to_cloudevents(events, sealer.open_batch)] == [None, "王小明"]
    assert told(door, other, gone) == [("erased", "/1/data/name"), ("erased", "/1/data/birth_date")]


def as_bytes(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event whose data comes in Base64."""
    attributes = {name: value for name, value in event.items() if name != "data"}
    return attributes | {"data_base64": b64encode(msgspec.json.encode(event["data"])).decode()}


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({**SCHOOL, "specversion": "0.3"}, "invalid", "/specversion"),
    ({**SCHOOL, "id": ""}, "invalid", "/id"),
    ({**SCHOOL, "id": "学" * 86}, "invalid", "/id"),
    ({**SCHOOL, "source": 5}, "invalid", "/source"),
    ({**SCHOOL, "source": "a\0b"}, "invalid", "/source"),
    ({**SCHOOL, "id": "1\n"}, "invalid", "/id"),
    ({**SCHOOL, "source": "urn:\x1b[2J"}, "invalid", "/source"),
    ({**SCHOOL, "source": "the roll"}, "invalid", "/source"),
    ({**SCHOOL, "source": "urn:学籍"}, "invalid", "/source"),
    ({**SCHOOL, "source": "urn:%zz"}, "invalid", "/source"),
    ({**SCHOOL, "dataschema": "relative"}, "invalid", "/dataschema"),
    ({**SCHOOL, "dataschema": ""}, "invalid", "/dataschema"),
    ({**SCHOOL, "tracestate": {"a": 1}}, "invalid", "/tracestate"),
    ({**SCHOOL, "sequence": 2**31}, "invalid", "/sequence"),
    ({**SCHOOL, "sampledrate": 0.5}, "invalid", "/sampledrate"),
    ({**SCHOOL, "sequence": []}, "invalid", "/sequence"),
    ({**SCHOOL, "data_base64": "e30="}, "invalid", "/data_base64"),
    (as_bytes({**SCHOOL, "data": {**SCHOOL["data"], "school": 1}}), "invalid", "/data/school"),
    (as_bytes(SCHOOL) | {"data_base64": "e30"}, "invalid", "/data_base64"),
    (as_bytes(SCHOOL) | {"data_base64": ""}, "malformed", "/data"),
    (as_bytes(SCHOOL) | {"data_base64": None}, "invalid", ""),
    (changed(SCHOOL, school="s-1\n"), "invalid", "/data/school"),
    (changed(SCHOOL, name="\x1b]0;n\x07"), "invalid", "/data/name"),
    (changed(SCHOOL, district="pudong"), "invalid", "/data/district"),
    (changed(SCHOOL, name="　"), "invalid", "/data/name"),
    ({**SCHOOL, "type": "roll.Nothing"}, "unknown-type", "/type"),
    ({**SCHOOL, "type": "nothing"}, "unknown-type", "/type"),
    ({**SCHOOL, "type": "audit.KeyReleased"}, "unknown-type", "/type"),
    ({**SCHOOL, "time": "2024-09-01"}, "invalid", "/time"),
    ({**SCHOOL, "time": "2024-09-01T08:00:00"}, "invalid", "/time"),
    ({**SCHOOL, "time": "2016-12-31T23:59:60+08:00"}, "invalid", "/time"),
    ({**SCHOOL, "time": "2016-12-30T23:59:60Z"}, "invalid", "/time"),
    ({**SCHOOL, "time": "0000-12-31T23:59:60Z"}, "invalid", "/time"),
    ({**SCHOOL, "time": "2016-12-31T23:59:61Z"}, "invalid", "/time"),
    ({**SCHOOL, "time": "0001-01-01T00:00:00+08:00"}, "invalid", "/time"),
    ({**SCHOOL, "datacontenttype": "text/xml"}, "invalid", "/datacontenttype"),
    ({**SCHOOL, "datacontenttype": ""}, "invalid", "/datacontenttype"),
    ({**SCHOOL, "datacontenttype": "application/cloudevents+json"}, "invalid", "/datacontenttype"),
    ({**SCHOOL, "subject": "school:s-2"}, "invalid", "/subject"),
    ({key: value for key, value in SCHOOL.items() if key != "data"}, "invalid", ""),
    ({**SCHOOL, "data": []}, "invalid", "/data"),
    (changed(SCHOOL, name="n\0"), "invalid", "/data/name"),
    (changed(SCHOOL, stages=["primary", "none"]), "invalid", "/data/stages/1"),
    (changed(SCHOOL, more=1), "invalid", "/data"),
    (changed(SCHOOL, school="with blanks"), "invalid", "/data/school"),
    ({**SCHOOL, "type": "roll.SchoolClosed", "data": {"school": "s"}}, "invalid", "/data"),
    ({**SCHOOL, "type": "projects.ProjectLinked", "data": LINKED}, "too-large", ""),
    ({**SCHOOL, "id": "order#12"}, "invalid", "/id"),
    (changed(PERSON, name="n" * 201), "invalid", "/data/name"),
    (changed(PERSON, name=" \u3000"), "invalid", "/data/name"),
    (changed(PERSON, name="\x07"), "invalid", "/data/name"),
    (changed(PERSON, document="310101201505051235"), "invalid-document", "/data/document"),
    (changed(PERSON, document="-", document_kind="passport"), "invalid-document", "/data/document"),
    (changed(PERSON, document="E1", issuer="China"), "invalid", "/data/issuer"),
    (changed(PERSON, birth_date="banana"), "invalid", "/data/birth_date"),
    (changed(PERSON, birth_date="2009/9/1"), "invalid", "/data/birth_date"),
    (changed(PERSON, birth_date="45536"), "invalid", "/data/birth_date"),
    (changed(PERSON, birth_date="1492-01-01"), "invalid", "/data/birth_date"),
    (changed(PERSON, birth_year=2014), "invalid", "/data/birth_year"),
    ({**SCHOOL, "type": "projects.ObjectionRaised", "data": OBJECTION}, "invalid", "/data/grounds"),
]


@pytest.mark.parametrize("event, code, pointer", WRONG)
def test_what_is_wrong_is_told_with_where(door: Door, event: dict[str, Any], code: str, pointer: str) -> None:
    with pytest.raises(BadInput) as caught:
        door.single(msgspec.json.encode(event))
    (fault,) = caught.value.faults
    assert (fault.code, fault.pointer) == (code, pointer)
    assert caught.value.status == (413 if code == "too-large" else 400)
    assert told(door, SCHOOL, event) == [(code, f"/1{pointer}")]


def test_a_pattern_is_told_in_words(door: Door) -> None:
    with pytest.raises(BadInput, match="/data/name: expected one line, not blank"):
        door.single(msgspec.json.encode(changed(SCHOOL, name="\n")))
    with pytest.raises(BadInput, match="/id: expected one line"):
        door.binary(headers(id="a%0Ab"), b"{}")


def test_all_that_is_wrong_in_a_batch_is_told_at_once(door: Door) -> None:
    faults = told(door, *(event for wrong, _, _ in WRONG for event in (SCHOOL, wrong)))
    assert faults == [
        (code, f"/{2 * number + 1}{pointer}") for number, (_, code, pointer) in enumerate(WRONG)
    ]


def test_an_unknown_type_is_told_what_there_is(door: Door) -> None:
    with pytest.raises(BadInput, match=r"roll has .*roll\.SchoolClosed"):
        door.single(msgspec.json.encode({**SCHOOL, "type": "roll.Nothing"}))
    with pytest.raises(BadInput, match=r"contexts are .*learning"):
        door.single(msgspec.json.encode({**SCHOOL, "type": "nothing"}))


@pytest.mark.parametrize("subject", ["s-1", "school:s-1", None])
def test_a_subject_may_be_the_tag_or_its_value(door: Door, subject: str | None) -> None:
    assert door.single(msgspec.json.encode({**SCHOOL, "subject": subject})).events


def test_extensions_are_ignored_but_for_those_that_are_kept(door: Door) -> None:
    plain = door.single(msgspec.json.encode(SCHOOL))
    ignored = {
        "tracestate": "a=b",
        "dataschema": "urn:x",
        "traceparent": "张三",
        "sequence": -7,
        "ours": True,
        "no": None,
    }
    more = door.single(msgspec.json.encode({**SCHOOL, **ignored}))
    assert plain.proposals == more.proposals
    kept_ones = {"causationid": "7", "correlationid": "因", "traceparent": f"00-{7:032x}-{8:016x}-01"}
    traced = door.single(msgspec.json.encode({**SCHOOL, **kept_ones}))
    (event,) = traced.events
    assert dict(event.extensions) == kept_ones
    assert CODEC.decode(Stored(0, complete(traced.proposals[0].tail(), 0))) == event
    assert to_cloudevents([event])[0].items() >= kept_ones.items()
    assert told(door, {**SCHOOL, "correlationid": "因" * 86}) == [("invalid", "/0/correlationid")]
    assert told(door, {**SCHOOL, "causationid": "id11010519491231002X"}) == [
        ("identity-number", "/0/causationid")
    ]


@pytest.mark.parametrize("told", ["application/json", "application/ld+JSON", "text/json; charset=utf-8"])
def test_data_is_json_under_whatever_name(door: Door, told: str) -> None:
    assert door.single(msgspec.json.encode({**SCHOOL, "datacontenttype": told})).events


def test_too_many_events_are_told(door: Door) -> None:
    body = b"[" + b",".join([msgspec.json.encode(SCHOOL)] * (MOST_EVENTS + 1)) + b"]"
    with pytest.raises(BadInput) as caught:
        door.batch(body)
    assert caught.value.status == 413


def test_data_may_come_as_bytes(door: Door) -> None:
    expected = door.batch(msgspec.json.encode([SCHOOL])).proposals
    assert door.single(msgspec.json.encode(as_bytes(SCHOOL))).proposals == expected
    assert door.batch(msgspec.json.encode([as_bytes(SCHOOL)])).proposals == expected


@pytest.mark.parametrize(
    "text, pointer",
    [
        ('{"school": "s-1", "school": "s-2"}', "/data/school"),
        ('{"school": "s-1", "sch\\u006fol": "s-1"}', "/data/school"),
        ('{"a": [{"b": 1, "c": 2, "b": 3}]}', "/data/a/0/b"),
    ],
)
def test_a_name_stands_once_in_an_object(door: Door, text: str, pointer: str) -> None:
    whole = msgspec.json.encode({**SCHOOL, "data": msgspec.Raw(text.encode())})
    coded = msgspec.json.encode({**as_bytes(SCHOOL), "data_base64": b64encode(text.encode()).decode()})
    for take, place in (
        (partial(door.single, whole), pointer),
        (partial(door.single, coded), pointer),
        (partial(door.batch, b"[" + msgspec.json.encode(SCHOOL) + b"," + whole + b"]"), f"/1{pointer}"),
        (partial(door.binary, headers(), text.encode()), pointer),
    ):
        with pytest.raises(BadInput) as caught:
            take()
        assert (place, "invalid") in {(each.pointer, each.code) for each in caught.value.faults}


@pytest.mark.parametrize(
    "time", ["2016-12-31T23:59:60Z", "2017-01-01T07:59:60.25+08:00", "2015-06-30t23:59:60z"]
)
def test_a_leap_second_is_the_last_microsecond_of_its_day(door: Door, time: str) -> None:
    leaping, data = {**SCHOOL, "time": time}, msgspec.json.encode(SCHOOL["data"])
    (event,) = door.single(msgspec.json.format(msgspec.json.encode(leaping))).events
    assert (event.occurred_at + 1) % (24 * HOUR) == 0
    assert (
        door.batch(msgspec.json.encode([leaping])).events
        == door.binary(headers(time=time), data).events
        == [event]
    )


def test_an_attribute_stands_once_in_an_event(door: Door) -> None:
    body = msgspec.json.encode(SCHOOL)
    with pytest.raises(BadInput) as caught:
        door.batch(b'[{"id":"0",' + body[1:] + b"]")
    assert [(each.code, each.pointer) for each in caught.value.faults] == [("invalid", "/0/id")]


def test_a_number_of_many_digits_hides_nothing(door: Door) -> None:
    long = b'{"sequence":' + b"9" * 5000 + b',"id":"0",' + msgspec.json.encode(SCHOOL)[1:]
    with pytest.raises(BadInput) as caught:
        door.single(long)
    assert [each.pointer for each in caught.value.faults] == ["/id"]


def headers(**more: str | bytes) -> list[tuple[bytes, bytes]]:
    told = {name: value for name, value in {**SCHOOL, **more}.items() if name != "data"}
    return [
        (b"ce-" + name.encode(), value if isinstance(value, bytes) else value.encode())
        for name, value in told.items()
    ]


def test_binary_mode_is_the_same_event(door: Door) -> None:
    body = msgspec.json.encode(SCHOOL["data"])
    assert door.binary(headers(), body).proposals == door.single(msgspec.json.encode(SCHOOL)).proposals


@pytest.mark.parametrize(
    "value, told",
    [
        (b"%E5%AD%A6%20x", "学 x"),
        ("学 x".encode(), "学 x"),  # official SDKs of Go and Java send it so
        (b"%e5%ad%a6\xe5\xad\xa6", "学学"),
        (b"100%25%20", "100% "),
        (b"%2525", "%25"),
        (b'"a b"', "a b"),
        (rb'"a \"b\" \\ %22"', 'a "b" \\ "'),
        (b'a"b"', 'a"b"'),
        (b"%22a%22", '"a"'),
    ],
)
def test_a_header_is_decoded_as_the_binding_of_http_says(door: Door, value: bytes, told: str) -> None:
    body = msgspec.json.encode(SCHOOL["data"])
    (event,) = door.binary(headers(id=value), body).events
    assert event.id == told
    assert door.single(msgspec.json.encode({**SCHOOL, "id": told})).events == [event]


@given(
    st.text(
        st.characters(exclude_categories=["C", "Zl", "Zp"], exclude_characters="#"), min_size=1, max_size=60
    )
)
def test_an_identity_is_the_same_in_each_mode(door: Door, told: str) -> None:
    body, encoded = msgspec.json.encode(SCHOOL["data"]), quote(told, safe="").encode()
    expected = answered(door.single, msgspec.json.encode({**SCHOOL, "id": told}))
    quoted = '"' + re.sub(r'(["\\])', r"\\\1", told.replace("%", "%25")) + '"'
    for value in (encoded, quoted.encode()):
        assert answered(partial(door.binary, headers(id=value)), body) == expected


def test_an_attribute_stands_in_one_header(door: Door) -> None:
    with pytest.raises(BadInput, match="ce-id stands twice"):
        door.binary([*headers(), (b"CE-Id", b"2")], b"{}")


@pytest.mark.parametrize(
    "more, body, pointer",
    [
        ({"id": "%ff"}, b"{}", "/id"),
        ({"id": b"\xe9"}, b"{}", "/id"),
        ({"id": "%C0%A0"}, b"{}", "/id"),
        ({"id": "100%"}, b"{}", "/id"),
        ({"id": "%2"}, b"{}", "/id"),
        ({"id": '"1'}, b"{}", "/id"),
        ({"id": '"1" 2'}, b"{}", "/id"),
        ({}, b"", "/data"),
        ({"id": "%00"}, b"{}", "/id"),
        ({"time": "noon"}, b"{}", "/time"),
        ({"id": "a%0Ab"}, b"{}", "/id"),
        ({}, b'{"school": 1}', "/data/school"),
        ({}, b'{"school": "\\u0000"}', "/data/school"),
        ({}, b"<school/>", "/data"),
    ],
)
def test_what_is_wrong_in_binary_mode_is_told(
    door: Door, more: dict[str, str | bytes], body: bytes, pointer: str
) -> None:
    with pytest.raises(BadInput) as caught:
        door.binary(headers(**more), body)
    assert caught.value.faults[0].pointer == pointer


EDGES = ("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2024-02-30T00:00:00Z", "1e9")
ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.sampled_from(EDGES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def answered(take: Callable[[bytes], Request], body: bytes) -> Sequence[Event | Fault]:
    try:
        return take(body).events
    except BadInput as error:
        return error.faults


@settings(max_examples=300, deadline=None)
@given(st.binary())
@example(b"[" * 100_000)
@example(b'[{"x":' + b"[" * 990 + b'"\\u0000"' + b"]" * 990 + b"}]")
@example(b'{"x":"\\ud800"}')
@example(b"\xff")
@example(b"[]")
@example(b"[1]")
def test_any_bytes_are_taken_or_told(door: Door, body: bytes) -> None:
    for take in (door.single, door.batch, lambda body: door.binary(headers(), body)):
        assert all(isinstance(each, Event | Fault) for each in answered(take, body))


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(sorted(publishable())), st.data())
def test_any_change_to_an_event_is_taken_or_told(door: Door, name: str, draw: st.DataObject) -> None:
    sent = {**SCHOOL, "type": name, "data": draw.draw(data(publishable()[name]))}
    target = draw.draw(st.sampled_from([sent, sent["data"]]))
    target[draw.draw(st.sampled_from([*sorted(target), "other"]))] = draw.draw(ANY)
    assert answered(door.batch, msgspec.json.encode([sent]))


TOLD = st.text(max_size=12) | st.sampled_from(["", "1.0", "%ff", "%00", "%", "roll.SchoolRegistered", *EDGES])


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*SCHOOL, "subject", "datacontenttype", ""]), TOLD | st.binary(max_size=12)
    )
)
def test_any_headers_are_taken_or_told(door: Door, told: dict[str, str | bytes]) -> None:
    body = msgspec.json.encode(SCHOOL["data"])
    assert answered(partial(door.binary, headers(**told)), body)


@pytest.mark.parametrize("name", sorted(publishable()))
def test_all_that_is_wrong_with_an_event_of_any_type_is_told_at_once(door: Door, name: str) -> None:
    of_class = fields(publishable()[name])
    sent = {**SCHOOL, "type": name, "time": "yesterday", "data": {each.name: {"?": [1]} for each in of_class}}
    del sent["id"]
    with pytest.raises(BadInput) as caught:
        door.single(msgspec.json.encode(sent | {"specversion": "0.3"}))
    places = {each.pointer for each in caught.value.faults}
    assert {"", "/time", "/specversion"} <= places
    for each in of_class:
        assert any(f"{place}/".startswith(f"/data/{each.name}/") for place in places), each.name


def test_faults_of_form_and_of_meaning_are_told_together(door: Door) -> None:
    sent = changed(PERSON, birth_date="banana", nope=1, document="31010120150505123Y")
    del sent["data"]["person"]
    assert sorted(
        told(door, {**sent, "id": "110105194912310" + "02X"}, changed(SCHOOL, stages=["x", 1]))
    ) == [
        ("identity-number", "/0/id"),
        ("invalid", "/0/data"),
        ("invalid", "/0/data"),
        ("invalid", "/0/data/birth_date"),
        ("invalid", "/1/data/stages/0"),
        ("invalid", "/1/data/stages/1"),
        ("invalid-document", "/0/data/document"),
    ]


@LIGHT
@given(st.data())
def test_what_is_right_has_no_faults(door: Door, drawn: st.DataObject) -> None:
    name = drawn.draw(st.sampled_from(sorted(publishable())))
    sent = msgspec.json.encode(drawn.draw(data(publishable()[name])))
    assert door._intakes[name].faults(sent) == []
