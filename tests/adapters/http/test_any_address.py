"""Whatever is asked for is answered: never by a fault, and an error is always a problem."""

from __future__ import annotations

import asyncio
from random import Random
from urllib.parse import quote

import httpx
import msgspec
import pytest

from tests.adapters.http.conftest import World, registered, serving

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


def mutated(random: Random) -> str:
    path = random.choice(PATHS)
    for _ in range(random.randint(0, 3)):
        at = random.randint(1, len(path))
        path = path[:at] + random.choice(PIECES) + path[at + random.randint(0, 2) :]
    if random.random() < 0.4:
        value = random.choice((*PIECES, quote("中"), "1", "-1", "9" * 30, "p-1", "2024-13-45"))
        path += f"?{random.choice(NAMES)}={value.replace('#', '')}"
    return path.replace("#", "%23")


async def ask(port: int, target: bytes) -> tuple[int, httpx.Headers, bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(b"GET %b HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n" % target)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)
        first, *fields = head.decode("latin-1").split("\r\n")[:-2]
        headers = httpx.Headers(
            [(name, value) for name, _, value in (each.partition(": ") for each in fields)]
        )
        if headers.get("content-type", "").startswith("text/event-stream"):
            return int(first.split()[1]), headers, b""
        return int(first.split()[1]), headers, await asyncio.wait_for(reader.read(), 20)
    finally:
        writer.close()


def assert_told(target: str, status: int, headers: httpx.Headers, body: bytes) -> None:
    assert status < 500 or status == 503, (target, status, body)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    if status >= 400 and not target.startswith("/registry"):
        assert headers["content-type"] == "application/problem+json", (target, headers)
        if headers.get("transfer-encoding") != "chunked":
            assert msgspec.json.decode(body)["status"] == status


@pytest.mark.parametrize("seed", range(3))
async def test_any_address_gets_an_answer_or_a_problem(world: World, seed: int) -> None:
    world.publish(registered("p-1"))
    random = Random(seed)
    async with serving(world) as client:
        port = client.base_url.port
        assert port is not None
        for _ in range(400):
            target = mutated(random)
            assert_told(target, *await ask(port, target.encode()))


@pytest.mark.parametrize(
    "target,status,code",
    [
        ("/persons%2F%E4%B8%AD", 404, "unknown-address"),
        ("/persons%2Fp-1", 404, "unknown-address"),
        ("/persons/p%2F1", 404, "no-such-row"),
        ("/persons/%7F", 404, "no-such-row"),
        ("/persons?limit=1&name=%7F", 200, None),
        ("/persons/%FF", 400, "bad-address"),
        ("/%FF", 400, "bad-address"),
        ("/docs/files/%00", 400, "bad-address"),
        ("/p%65rsons/p-1", 200, None),
        ("/eve%6Ets", 200, None),
        ("/persons?name=中", 400, "bad-address"),
        ("/中", 400, "bad-address"),
        ("/sources/urn%3Atest/events", 200, None),
        ("/sources/https://a/b/events", 200, None),
    ],
)
async def test_route_and_key_are_split_from_the_same_bytes(
    world: World, target: str, status: int, code: str | None
) -> None:
    world.publish(registered("p-1"))
    async with serving(world) as client:
        assert client.base_url.port is not None
        found, headers, body = await ask(client.base_url.port, target.encode())
    assert found == status, body
    assert_told(target, found, headers, body)
    if code:
        assert msgspec.json.decode(body)["code"] == code


async def test_a_page_of_an_odd_address_links_to_the_next(world: World) -> None:
    world.publish(registered("p-1"), registered("p-2"))
    async with serving(world) as client:
        assert client.base_url.port is not None
        status, headers, _ = await ask(client.base_url.port, b"/p%65rsons?limit=1")
        assert (status, "cursor=" in headers["link"]) == (200, True)
