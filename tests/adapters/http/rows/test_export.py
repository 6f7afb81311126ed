"""A whole read model, and the stream that continues it."""

from __future__ import annotations

import json

import httpx

from tests.adapters.http.conftest import World, enrolled
from tests.adapters.http.sse import Stream


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
