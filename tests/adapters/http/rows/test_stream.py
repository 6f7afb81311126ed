"""Rows live."""

from __future__ import annotations

import asyncio

import httpx

from tests.adapters.http.conftest import World, enrolled
from tests.adapters.http.sse import Stream
from tests.logs.cloudevents import event


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
