"""The ETag of a list follows the last change of its table: an unrelated event leaves it, any change of any row changes it."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from tests.adapters.http.conftest import MODELS, SERVED, World, enrolled, promoted, registered

LISTS = tuple(f"/{each}" for each in (*SERVED, "known-people"))


async def seen(client: httpx.AsyncClient) -> Mapping[str, tuple[str, list[object]]]:
    """Return of each list its ETag and its rows."""
    found = {path: await client.get(path) for path in LISTS}
    return {path: (each.headers["etag"], each.json()["items"]) for path, each in found.items()}


async def assert_follows(client: httpx.AsyncClient, before: Mapping[str, tuple[str, list[object]]]) -> None:
    """Assert that exactly the lists whose rows have changed since have other ETags."""
    for path, (etag, rows) in (await seen(client)).items():
        assert (etag != before[path][0]) == (rows != before[path][1]), path
        status = (await client.get(path, headers={"if-none-match": before[path][0]})).status_code
        assert status == (304 if rows == before[path][1] else 200)


async def test_each_event_changes_the_etags_of_the_lists_that_it_changes(
    client: httpx.AsyncClient, world: World
) -> None:
    for event in (
        registered("p-1"),
        registered("p-2"),
        enrolled("p-1"),
        enrolled("p-2"),
        promoted("p-1"),
        registered("p-3", "李雷"),
    ):
        before = await seen(client)
        world.publish(event)
        await assert_follows(client, before)


async def test_an_unchanged_list_says_up_to_where(client: httpx.AsyncClient, world: World) -> None:
    world.publish(registered("p-1"))
    etag = (await client.get("/students")).headers["etag"]
    position = world.publish(registered("p-2"))
    answer = await client.get("/students", headers={"if-none-match": etag})
    assert (answer.status_code, answer.headers["pujiang-position"]) == (304, str(position))


async def test_a_rebuild_changes_it(client: httpx.AsyncClient, world: World) -> None:
    world.publish(registered("p-1"))
    before = (await client.get("/persons")).headers["etag"]
    world.rebuild(next(each for each in MODELS if each.name == "persons"))
    assert (await client.get("/persons")).headers["etag"] != before
