"""Which event set which field of a row."""

from __future__ import annotations

import httpx

from tests.adapters.http.client import get
from tests.adapters.http.conftest import World, enrolled, promoted


async def test_explain_names_the_event_behind_each_field(client: httpx.AsyncClient, world: World) -> None:
    world.publish(
        enrolled("p-1", 1),
        promoted("p-1"),
    )
    told = (await get(client, "/explain/students/p-1"))["fields"]
    assert told["grade"]["value"] == 2
    assert told["grade"]["set_by"]["type"] == "roll.StudentPromoted"
    assert told["school"]["set_by"]["position"] == 1
    assert (await get(client, "/explain/students/p-9", 404))["code"] == "no-such-row"
