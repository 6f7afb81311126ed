"""The log live."""

from __future__ import annotations

import asyncio

import httpx

from tests.adapters.http.conftest import World, enrolled
from tests.adapters.http.sse import Stream


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
