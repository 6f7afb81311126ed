"""Streams have room for a limited number of subscribers."""

from __future__ import annotations

import asyncio

from tests.adapters.http.conftest import World, serving


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
