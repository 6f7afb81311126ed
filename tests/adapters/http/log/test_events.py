"""The log over HTTP: searching, single entries, and what a publisher sent."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

import httpx
import msgspec
import pytest

from events.clock import day, micros, plus_days
from events.entry import parse
from tests.adapters.http.client import get
from tests.adapters.http.conftest import World, enrolled, registered
from tests.adapters.http.sse import Stream
from tests.adapters.kept import kept


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
    (good,) = kept(world.door.batch(msgspec.json.encode([enrolled("p-1")])), world.sealer).proposals
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


async def test_a_day_begins_at_its_beginning_and_ends_at_its_end(
    client: httpx.AsyncClient, world: World
) -> None:
    world.append(enrolled("p-1"))
    told = await get(client, "/events/1")
    today = day(micros(datetime.fromisoformat(told["recordedtime"])))
    for query in (f"from={today}", f"to={today}", f"from={today}&to={today}"):
        assert await positions(client, query) == [1], query
    assert await positions(client, f"from={plus_days(today, 1)}") == []
    assert await positions(client, f"to={plus_days(today, -1)}") == []
    for query, items in ((f"from={today}&to={today}", 1), (f"from={plus_days(today, 1)}", 0)):
        assert len((await get(client, f"/sources/urn:test/events?{query}"))["items"]) == items
