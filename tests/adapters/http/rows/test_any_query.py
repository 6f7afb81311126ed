"""Whatever is asked is answered or told off: no address, query, cursor or header is a fault of ours."""

from __future__ import annotations

from urllib.parse import quote

import httpx
import msgspec
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adapters.http.log.query import SEARCH
from adapters.http.protocol import cursors
from adapters.http.protocol.grammar import LIST_OPTIONS
from tests.adapters.http.conftest import MODELS, World, enrolled, registered

NUMBERS = st.integers() | st.sampled_from([0, -1, 2**31, 2**63 - 1, 2**63, -(2**63), 10**40])
DAYS = ("0001-01-01", "1970-01-01", "2024-02-30", "9999-12-31", "2024-W01-1", "20240901")
ZONES = ("", "Z", "+14:00", "-23:59", " 08:00")
TIMES = st.sampled_from([*DAYS, *(f"{day}T23:59:59.999999{zone}" for day in DAYS for zone in ZONES)])
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=8,
)
ORDERS = st.sampled_from([["person"], ["-grade", "person"], ["school", "person"], ["person", "day"]])
LASTS = st.lists(JSON, min_size=1, max_size=2)
CURSORS = st.builds(cursors.encode, JSON | st.tuples(ORDERS, LASTS))
NESTED = cursors.encode(msgspec.Raw(b"[" * 5000 + b"]" * 5000))
TEXTS = st.text(max_size=12) | st.sampled_from(["", "\0", "a,b", ",", "true", "nan", "-inf", "1e999"])
VALUES = TEXTS | NUMBERS.map(str) | TIMES | CURSORS
FIELDS = sorted({name for model in MODELS for name in model.columns()})
OPERATORS = ("", "[gte]", "[lte]", "[in]", "[", "[]", "[like]")
NAMES = st.one_of(
    st.sampled_from(sorted({*LIST_OPTIONS, *SEARCH, "from", "to", "type", "tag"} - {"wait_for"})),
    st.builds("".join, st.tuples(st.sampled_from(FIELDS), st.sampled_from(OPERATORS))),
    st.text(max_size=5),
)
"""Not `wait_for`: some answers would take their time."""
PAIRS = st.one_of(
    st.tuples(NAMES, VALUES),
    st.tuples(st.sampled_from(["sort", "fields", "sum", "by"]), st.sampled_from(FIELDS)),
    st.tuples(st.sampled_from(["known_at", "true_at", "on", "from", "to"]), TIMES),
    st.tuples(st.just("cursor"), CURSORS),
)
RAW = st.binary(max_size=12).map(lambda raw: "".join(f"%{byte:02x}" for byte in raw))
QUERIES = st.lists(PAIRS, max_size=4).map(
    lambda pairs: "&".join(f"{quote(name, safe='[]')}={quote(value)}" for name, value in pairs)
)
KEYS = VALUES.map(lambda text: quote(text, safe=""))
MODEL = st.sampled_from([model.name for model in MODELS])
PATHS = st.one_of(
    MODEL.map(lambda name: f"/{name}"),
    st.sampled_from(["/events", "/sources/urn:test/events", "/nothing", "//"]),
    st.builds("/{}/{}".format, MODEL | st.just("events"), KEYS | RAW),
    st.builds("/{}/{}/{}".format, MODEL, KEYS, KEYS),
    st.builds("/explain/{}/{}".format, MODEL, KEYS | RAW),
    st.builds("/sources/{}/events".format, KEYS | RAW),
)


def printable(header: bytes) -> bytes:
    """Leave out what no client can send in a header."""
    return bytes(byte for byte in header if byte >= ord(" ") and byte != 0x7F).strip()


QUICK = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))


@QUICK
@given(PATHS, QUERIES | RAW, st.sampled_from(["", "*", "application/octet-stream"]))
@example("/events", f"cursor={NESTED}", "")
@example("/students", f"cursor={NESTED}", "")
@example("/students", f"cursor={cursors.encode([['person'], ['p-1']])}", "")
@example("/students", f"sort=grade&cursor={cursors.encode([['grade', 'person'], [10**40, 'p-1']])}", "")
async def test_any_query_is_answered_or_told_off(
    client: httpx.AsyncClient, world: World, path: str, query: str, accept: str
) -> None:
    if not world.log.head():
        world.publish(registered("p-1"), enrolled("p-1"), enrolled("p-2", grade=2))
    answer = await client.get(f"{path}?{query}", headers={"accept": accept})
    assert answer.status_code < 500, f"{path}?{query}"
    assert answer.status_code < 400 or answer.json()["detail"], path


@QUICK
@given(
    st.sampled_from(["/events", "/students", "/nothing"]),
    QUERIES,
    (VALUES.map(lambda text: text.encode()) | st.binary(max_size=12)).map(printable),
)
async def test_any_last_event_id_is_taken_or_told_off(
    client: httpx.AsyncClient, path: str, query: str, seen: bytes
) -> None:
    async with client.stream("GET", f"{path}/stream?{query}", headers=[(b"last-event-id", seen)]) as answer:
        assert answer.status_code < 500, f"{query} {seen!r}"
