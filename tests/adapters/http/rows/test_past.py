"""Rows as they were."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.adapters.http.client import get
from tests.adapters.http.conftest import World, enrolled, promoted


async def test_as_it_was_known_and_as_it_was(client: httpx.AsyncClient, world: World) -> None:
    world.publish(enrolled("p-1", 1))
    between = (await get(client, "/events/1"))["recordedtime"]
    await asyncio.sleep(0.002)
    world.publish(promoted("p-1", "2025-09-01T08:00:00+08:00"))
    assert (await get(client, "/students/p-1"))["grade"] == 2
    assert (await get(client, f"/students/p-1?known_at={between}"))["grade"] == 1
    assert (await get(client, "/students/p-1?true_at=2025-08-31"))["grade"] == 1
    assert (await get(client, "/students/p-1?true_at=2025-09-01"))["grade"] == 2
    assert (await get(client, "/students/p-1?true_at=2023-01-01", 404))["code"] == "no-such-row"
    days = (await get(client, "/roll-history/p-1?true_at=2025-08-31"))["items"]
    assert [each["day"] for each in days] == ["2024-09-01"]
    then = await get(client, "/students?person[in]=p-9,p-1,p-1&true_at=2025-08-31&fields=grade")
    assert [each["grade"] for each in then["items"]] == [1]
    day = await get(client, "/roll-history?person=p-1&day=2025-09-01&true_at=2025-12-31")
    assert [each["day"] for each in day["items"]] == ["2025-09-01"]
    assert "set_by" in (await get(client, "/explain/students/p-1?true_at=2025-08-31"))["fields"]["grade"]
    explained = await get(client, f"/explain/students/p-1?true_at=2025-08-31&known_at={between}")
    assert (explained["fields"]["grade"]["value"], explained["fields"]["grade"]["set_by"]["position"]) == (
        1,
        1,
    )
    assert (await get(client, "/explain/students/p-1?true_at=2023-01-01", 404))["detail"].endswith(
        "at that time"
    )


@pytest.mark.parametrize(
    "query",
    [
        "/students?true_at=2025-08-31",
        "/students?person[gte]=p&true_at=2025-08-31",
        "/students?person=p&grade=1&true_at=2025-08-31",
        "/students?person=p&person=q&true_at=2025-08-31",
        "/roll-history?day=2025-09-01&true_at=2025-08-31",
        "/roll-history/p?day[gte]=2025-09-01&true_at=2025-08-31",
        "/students?person=p&limit=1&true_at=2025-08-31",
        "/students?person=p&sort=grade&true_at=2025-08-31",
        f"/students?person[in]={','.join(map(str, range(1001)))}&known_at=2025-08-31",
    ],
)
async def test_rows_as_of_a_time_are_chosen_by_key_alone(client: httpx.AsyncClient, query: str) -> None:
    assert (await get(client, query, 400))["code"] == "bad-parameter"
