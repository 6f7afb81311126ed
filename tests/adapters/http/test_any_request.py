"""Whatever is asked for is answered: never by a fault, and an error is always a problem."""

from __future__ import annotations

from itertools import islice

import msgspec
import pytest

from adapters.clock import now
from adapters.http.log.publish import Publications
from adapters.upstream import lines
from adapters.upstream.city import city
from domain.catalogue import RULES
from streams.history.histories import Histories
from streams.publish.committer import Committer
from streams.publish.judge import Judge
from streams.publish.new_keys import NewKeys
from streams.publish.publisher import Publisher
from streams.publish.warm_folds import WarmFolds
from tests.adapters.http.conftest import World, registered, serving
from tests.hostile import ask, assert_told, attack

REQUESTS = 20_000
EVENTS = list(islice(lines(city(20, 5)), 400))


def get(target: bytes) -> bytes:
    return b"GET %b HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n" % target


async def test_any_request_gets_an_answer_or_a_problem(world: World) -> None:
    world.publish(registered("p-1"))
    judge = Judge(RULES, WarmFolds(Histories(world.log, world.codec), 1 << 26))
    committer = Committer(Publisher(world.log, world.codec, judge, now, NewKeys(world.sealer.keys)))
    committer.start()
    try:
        async with serving(world, publish=Publications(world.door, committer).answer) as client:
            assert client.base_url.port is not None
            statuses = await attack(client.base_url.port, 1, REQUESTS, EVENTS)
    finally:
        committer.stop()
    assert statuses.total() == REQUESTS
    assert min(statuses[each] for each in (200, 400, 404, 415)) > 100, statuses
    world.project()


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
        found, headers, body = await ask(client.base_url.port, get(target.encode()))
    assert found == status, body
    assert_told(target.encode(), found, headers, body)
    if code:
        assert msgspec.json.decode(body)["code"] == code


async def test_a_page_of_an_odd_address_links_to_the_next(world: World) -> None:
    world.publish(registered("p-1"), registered("p-2"))
    async with serving(world) as client:
        assert client.base_url.port is not None
        status, headers, _ = await ask(client.base_url.port, get(b"/p%65rsons?limit=1"))
        assert (status, "cursor=" in headers["link"]) == (200, True)
