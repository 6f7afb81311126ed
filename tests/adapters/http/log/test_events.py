"""The log over HTTP: searching, single entries, what a publisher sent, and all of it live."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import httpx
import msgspec
import pytest

from events.entry import parse
from tests.adapters.http.conftest import World, enrolled, registered, serving
from tests.adapters.http.rows.test_queries import get
from tests.logs.cloudevents import event


async def positions(client: httpx.AsyncClient, query: str) -> list[int]:
    return [each["position"] for each in (await get(client, f"/events?{query}"))["items"]]


async def test_events_are_found_by_what_they_carry(client: httpx.AsyncClient, world: World) -> None:
    world.publish(registered("p-1"), enrolled("p-1"), registered("p-2"), enrolled("p-2", school="s-2"))
    assert await positions(client, "") == [1, 2, 3, 4]
    assert await positions(client, "tag=person:p-1") == [1, 2]
    assert await positions(client, "tag=person:p-2&tag=school:s-2") == [4]
    assert await positions(client, "type=roll.StudentEnrolled&backwards=true") == [4, 2]
    assert await positions(client, "source=urn:test&after=1&before=4") == [2, 3]
    assert await positions(client, "source=urn:other") == []
    assert await positions(client, "from=2020-01-01&to=2020-01-02") == []
    assert await positions(client, "from=2020-01-01&to=2999-01-01") == [1, 2, 3, 4]


async def test_pages_go_on_in_both_directions(client: httpx.AsyncClient, world: World) -> None:
    world.publish(*[enrolled(f"p-{n}") for n in range(5)])
    for query, expected in (("", [1, 2, 3, 4, 5]), ("backwards=true", [5, 4, 3, 2, 1])):
        page = await get(client, f"/events?limit=2&{query}")
        seen = [each["position"] for each in page["items"]]
        while page["next"]:
            page = await get(client, f"/events?limit=2&{query}&cursor={page['next']}")
            seen += [each["position"] for each in page["items"]]
        assert seen == expected


@pytest.mark.parametrize(
    "query",
    [
        "tag=x",
        "type=no.Such",
        "after=x",
        "colour=red",
        "backwards=1",
        "cursor=!",
        "from=yesterday",
        "tag=%00:a",
        "source=%00",
        "source=a&source=b",
    ],
)
async def test_a_bad_search_answers_400(client: httpx.AsyncClient, query: str) -> None:
    assert (await client.get(f"/events?{query}")).status_code == 400
    assert (await client.get(f"/events/stream?{query}")).status_code == 400


async def test_one_event_opened_and_as_it_is_stored(client: httpx.AsyncClient, world: World) -> None:
    world.publish(registered("p-1"))
    told = await get(client, "/events/1")
    assert (told["id"], told["subject"], told["data"]["name"]) == ("register-p-1", "person:p-1", "王小明")
    raw = await client.get("/events/1", headers={"accept": "application/octet-stream"})
    assert parse(raw.content).id == "register-p-1"
    assert raw.content == world.log.read(0, 1)[0].entry
    assert (await get(client, "/events/2", 404))["code"] == "no-such-event"
    assert (await get(client, "/events/0", 404))["code"] == "no-such-event"
    assert (await get(client, "/events/x", 400))["code"] == "bad-parameter"
    assert (await get(client, "/events/99999999999999999999", 400))["code"] == "bad-parameter"


async def test_what_cannot_be_decoded_does_not_hide_the_rest(client: httpx.AsyncClient, world: World) -> None:
    (good,) = world.door.batch(msgspec.json.encode([enrolled("p-1")])).proposals
    world.log.append([msgspec.structs.replace(good, data=b"\0\0\0\0\x01rubbish")])
    world.publish(enrolled("p-2"))
    told = (await get(client, "/events"))["items"]
    assert [each["type"] for each in told] == ["undecodable", "roll.StudentEnrolled"]
    assert (await client.get("/events/1")).status_code == 200
    async with client.stream("GET", "/students/stream?after=0") as response:
        assert (await Stream(response.aiter_lines()).next())[1]["person"] == "p-2"


async def test_a_publisher_reconciles(client: httpx.AsyncClient, world: World) -> None:
    world.publish(enrolled("p-1"), {**enrolled("p-2"), "source": "https://other/a"}, enrolled("p-3"))
    told = await get(client, "/sources/urn:test/events?from=2")
    digest = sha256(world.log.read(2, 3)[0].entry).hexdigest()
    assert told["items"] == [{"id": "enrol-p-3", "position": 3, "digest": digest}]
    other = await get(client, "/sources/https%3A%2F%2Fother%2Fa/events?from=2020-01-01&to=2999-01-01")
    assert [each["position"] for each in other["items"]] == [2]
    page = await get(client, "/sources/urn:test/events?limit=1&to=3")
    more = await get(client, f"/sources/urn:test/events?limit=1&to=3&cursor={page['next']}")
    assert [each["position"] for each in page["items"] + more["items"]] == [1, 3]
    assert (await get(client, "/sources/urn:test/events?by=x", 400))["code"] == "bad-parameter"


class Stream:
    """Server-sent events, one after another."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self.lines = lines
        self.seen = ""

    async def next(self) -> tuple[str, Any]:
        name = ""
        async with asyncio.timeout(5):
            async for line in self.lines:
                field, _, value = line.partition(": ")
                if field == "id":
                    self.seen = value
                if field == "event":
                    name = value
                if field == "data":
                    return name, json.loads(value)
        raise AssertionError("the stream has ended")

    async def until_seen(self, position: int) -> None:
        async with asyncio.timeout(5):
            async for line in self.lines:
                if line == f"id: {position}":
                    return


async def test_events_live_and_resumed(client: httpx.AsyncClient, world: World) -> None:
    world.append(enrolled("p-1"), enrolled("p-2"))
    async with client.stream("GET", "/events/stream?after=1&tag=school:s-1") as response:
        stream = Stream(response.aiter_lines())
        assert (await stream.next())[1]["position"] == 2
        await asyncio.to_thread(world.append, enrolled("p-3", school="s-2"), enrolled("p-4"))
        name, told = await stream.next()
        assert (name, told["position"], stream.seen) == ("roll.StudentEnrolled", 4, "4")
    resume = {"last-event-id": "2"}
    async with client.stream("GET", "/events/stream?tag=school:s-1", headers=resume) as response:
        assert (await Stream(response.aiter_lines()).next())[1]["position"] == 4


async def test_rows_live_with_removals(client: httpx.AsyncClient, world: World) -> None:
    world.publish(enrolled("p-1"))
    async with client.stream("GET", "/students/stream?after=0") as response:
        stream = Stream(response.aiter_lines())
        assert (await stream.next())[1]["person"] == "p-1"
        await asyncio.to_thread(world.publish, enrolled("p-2"))
        name, told = await stream.next()
        assert (name, told["person"], told["position"]) == ("row", "p-2", 2)
        merge = event("merge", "identity.PersonsMerged", merged="p-1", surviving="p-2")
        await asyncio.to_thread(world.publish, merge)
        assert await stream.next() == ("removed", {"person": "p-1"})
        assert (await stream.next())[0] == "row"
        await stream.until_seen(3)


async def test_there_is_room_for_so_many_streams(world: World) -> None:
    async with serving(world, subscribers=2) as client:

        async def figure() -> float:
            text = (await client.get("/metrics")).text
            return float(text.partition("\npujiang_subscribers ")[2].partition("\n")[0])

        async with client.stream("GET", "/events/stream"):
            async with client.stream("GET", "/students/stream") as second:
                assert second.status_code == 200
                for address in ("/events/stream", "/students/stream"):
                    response = await client.get(address)
                    assert (response.status_code, response.json()["code"]) == (503, "too-many-subscribers")
                    assert int(response.headers["retry-after"]) > 0
                assert await figure() == 2
                assert (await client.head("/events/stream")).status_code == 200
            async with asyncio.timeout(5):
                while await figure() > 1:
                    continue
            async with client.stream("GET", "/events/stream") as third:
                assert third.status_code == 200


async def test_an_export_is_continued_by_the_stream(client: httpx.AsyncClient, world: World) -> None:
    world.publish(*[enrolled(f"p-{n:04}") for n in range(2500)])
    response = await client.get("/students/export?fields=person,grade")
    rows = [json.loads(line) for line in response.text.splitlines()]
    assert [each["person"] for each in rows] == [f"p-{n:04}" for n in range(2500)]
    assert response.headers["pujiang-position"] == "2500"
    world.publish(enrolled("p-x"))
    following = response.links["next"]["url"]
    async with client.stream("GET", following) as changes:
        assert (await Stream(changes.aiter_lines()).next())[1]["person"] == "p-x"
