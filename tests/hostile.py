"""Requests as nobody sends them by intention: valid ones of every kind, with bytes, fields and values changed by chance."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from urllib.parse import quote

import httpx
import msgspec

from tests.patience import PATIENCE

PATHS = (
    "/persons/p-1",
    "/persons",
    "/roll-history/p-1/2024-09-01",
    "/persons/export",
    "/events",
    "/events/1",
    "/events/1/receipt",
    "/explain/persons/p-1",
    "/receipt/persons/p-1",
    "/sources/urn:test/events",
    "/erasure/p-1/certificate",
    "/registry/subjects/a/versions/1",
    "/registry/schemas/ids/1",
    "/tile/0/000",
    "/tile/entries/000",
    "/docs/files/swagger-ui.css",
    "/checkpoint",
    "/ready",
    "/",
)
PIECES = (
    "%2F",
    "%00",
    "%7F",
    "%0a",
    "%E4%B8%AD",
    "%e4%b8",
    "%FF",
    "%",
    "%zz",
    "/",
    "//",
    "..",
    "%2e%2e",
    "?",
    "#",
    "&a=1",
)
NAMES = (
    "limit",
    "sort",
    "cursor",
    "name",
    "from",
    "by",
    "sum",
    "known_at",
    "%E4%B8%AD",
    "name[in]",
    "%00",
    "tag",
)
VALUES: Sequence[object] = (
    None,
    True,
    -1,
    2**63,
    msgspec.Raw(b"1" + b"0" * 40),
    1e308,
    "",
    " ",
    "\0",
    msgspec.Raw(b'"\\ud800"'),
    "中" * 300,
    "9999-12-31T23:59:59Z",
    "11010519491231002X",
    [],
    {},
    [[[[]]]],
)
FORMS = (
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
    "application/json",
    "application/cloudevents+json; charset=gb18030",
    "text/csv",
    "",
)
FIELDS = (
    b"content-encoding: gzip",
    b"expect: 100-continue",
    b"ce-id: \xff\xfe",
    b"ce-specversion: 1.0",
    b"accept: */*;q=x",
    b"accept: text/csv",
    b"if-none-match: *",
    b"last-event-id: -1",
    b"range: bytes=0-",
    b"traceparent: " + b"0" * 200,
)


def address(random: Random) -> str:
    """Return the target of a request, mostly one that leads nowhere."""
    path = random.choice(PATHS)
    for _ in range(random.randint(0, 3)):
        at = random.randint(1, len(path))
        path = path[:at] + random.choice(PIECES) + path[at + random.randint(0, 2) :]
    if random.random() < 0.4:
        value = random.choice((*PIECES, quote("中"), "1", "-1", "9" * 30, "p-1", "2024-13-45"))
        path += f"?{random.choice(NAMES)}={value.replace('#', '')}"
    return path.replace("#", "%23")


def request(random: Random, events: Sequence[bytes]) -> bytes:
    """Return a whole request: of some address, or one that publishes some of the events."""
    if random.random() < 0.5:
        return _framed("GET", address(random), random)
    body, form = _body(random, events)
    if random.random() < 0.1:
        body = _bytes(random, body)
    target = "/events" + random.choice(
        ("", "", "", "?dry_run=true", "?atomic=true", "?dry_run=maybe", "?x=1")
    )
    return _framed("POST", target, random, body, form)


def _framed(method: str, target: str, random: Random, body: bytes = b"", form: str = "") -> bytes:
    lines = [f"{method} {target} HTTP/1.1".encode(), b"host: localhost", b"connection: close"]
    if form:
        lines.append(f"content-type: {form}".encode())
    if method == "POST":
        lines.append(b"content-length: %d" % len(body))
    if random.random() < 0.1:
        lines.append(random.choice(FIELDS))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def _body(random: Random, events: Sequence[bytes]) -> tuple[bytes, str]:
    some = [_event(random, each) for each in random.sample(events, random.randint(1, 3))]
    if len(some) == 1 and random.random() < 0.5:
        return some[0], FORMS[0] if random.random() < 0.9 else random.choice(FORMS)
    return b"[" + b",".join(some) + b"]", FORMS[1] if random.random() < 0.9 else random.choice(FORMS)


def _event(random: Random, event: bytes) -> bytes:
    change: Callable[[Random, bytes], bytes] = random.choice(
        (_value, _value, _member_twice, _bytes, _same, _same, _same, _same)
    )
    return change(random, event)


def _same(_random: Random, event: bytes) -> bytes:
    return event


def _value(random: Random, event: bytes) -> bytes:
    """Give a member another value, or another name, or take it away."""
    found = msgspec.json.decode(event)
    inside = found["data"] if random.random() < 0.6 and found["data"] else found
    name = random.choice(sorted(inside))
    before = inside.pop(name)
    if random.random() < 0.8:
        inside[random.choice((name, name, name, "new"))] = random.choice((*VALUES, before))
    return msgspec.json.encode(found)


def _member_twice(random: Random, event: bytes) -> bytes:
    name = random.choice(sorted(msgspec.json.decode(event)))
    return event[:-1] + b',"%b":1}' % name.encode()


def _bytes(random: Random, text: bytes) -> bytes:
    """Change, take away or repeat a few bytes."""
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(text) + 1)
        end = at + random.randint(0, 3)
        text = (
            text[:at]
            + random.choice((b"", b"\0", b'"', b"{", b"[" * 200, b"\xff", b"9" * 40, text[at:end] * 2))
            + text[end:]
        )
    return text


async def ask(port: int, sent: bytes) -> tuple[int, httpx.Headers, bytes]:
    """Send a whole request; return status, headers and body, of a stream no body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(sent)
        head = b"HTTP/1.1 100 "
        while head.startswith(b"HTTP/1.1 100 "):
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
        first, *fields = head.decode("latin-1").split("\r\n")[:-2]
        parted = (each.partition(": ") for each in fields)
        headers = httpx.Headers([(name, value) for name, _, value in parted])
        if headers.get("content-type", "").startswith("text/event-stream"):
            return int(first.split()[1]), headers, b""
        return int(first.split()[1]), headers, await asyncio.wait_for(reader.read(), PATIENCE)
    finally:
        writer.close()


def assert_told(sent: bytes, status: int, headers: httpx.Headers, body: bytes) -> None:
    """Assert that an answer is none of a fault, and if it refuses, a problem."""
    assert status < 500 or status == 503, (sent, status, body)
    assert headers["x-content-type-options"] == "nosniff", (sent, headers)
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    if status >= 400 and b" /registry" not in sent:
        assert headers["content-type"] == "application/problem+json", (sent, headers)
        if headers.get("transfer-encoding") != "chunked":
            assert msgspec.json.decode(body)["status"] == status


async def attack(port: int, seed: int, count: int, events: Sequence[bytes], at_once: int = 8) -> Counter[int]:
    """Send `count` requests, up to `at_once` at a time; check every answer, and return how many had which status."""
    random, left, statuses = Random(seed), iter(range(count)), Counter[int]()

    async def attacker() -> None:
        for _ in left:
            sent = request(random, events)
            status, headers, body = await ask(port, sent)
            assert_told(sent, status, headers, body)
            statuses[status] += 1

    await asyncio.gather(*(attacker() for _ in range(at_once)))
    return statuses
