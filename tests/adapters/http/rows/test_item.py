"""Single rows of read models."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.adapters.http.client import get
from tests.adapters.http.conftest import MODELS, World, enrolled, promoted, registered
from tests.logs.cloudevents import event


async def test_a_row_tells_its_fields_and_position(client: httpx.AsyncClient, world: World) -> None:
    world.publish(enrolled("p-1", 3))
    told = await get(client, "/students/p-1")
    assert (told["person"], told["grade"], told["status"], told["position"]) == ("p-1", 3, "enrolled", 1)


async def test_who_has_a_row_already_is_told_so(client: httpx.AsyncClient, world: World) -> None:
    world.publish(enrolled("p-1"))
    etag = (await client.get("/students/p-1")).headers["etag"]
    again = await client.get("/students/p-1", headers={"if-none-match": f'"other", {etag}'})
    assert (again.status_code, again.content) == (304, b"")
    world.publish(promoted("p-1"))
    assert (await client.get("/students/p-1", headers={"if-none-match": etag})).status_code == 200


async def test_unknown_rows_models_and_parameters_are_told_what_exists(client: httpx.AsyncClient) -> None:
    assert (await get(client, "/students/p-9", 404))["code"] == "no-such-row"
    assert "students" in (await get(client, "/nonsense", 404))["read_models"]
    assert "school" in (await get(client, "/students?colour=red", 400))["filters"]
    assert "since" in (await get(client, "/students?sort=class_name", 400))["fields"]
    assert "fields" in (await get(client, "/students/p-1?school=s", 400))["parameters"]
    assert (await get(client, "/students/p-1/more", 404))["code"] == "unknown-address"


async def test_rows_with_several_key_parts(client: httpx.AsyncClient, world: World) -> None:
    world.publish(enrolled("p-1"), enrolled("p-2"))
    one = await get(client, "/roll-history/p-1/2024-09-01")
    assert one["steps"][0]["what"] == "enrolled"
    rows = await get(client, "/roll-history/p-1")
    assert [(each["person"], each["day"]) for each in rows["items"]] == [("p-1", "2024-09-01")]
    assert (await get(client, "/head-counts/s-1/310115/primary/x/2024-09-01", 400))["parameter"] == "grade"


async def test_personal_fields_are_opened_unless_asked_otherwise(
    client: httpx.AsyncClient, world: World
) -> None:
    world.publish(registered("p-1", birth_date="2015-05-05"))
    told = await get(client, "/persons/p-1")
    assert (told["name"], told["birth_date"]) == ("王小明", "2015-05-05")
    assert (await get(client, "/persons"))["items"][0]["name"] == "王小明"
    assert (await get(client, "/persons/p-1?sealed=true"))["name"] != "王小明"
    then = await get(client, "/persons/p-1?known_at=2999-01-01")
    assert then == told


async def test_a_merged_number_finds_the_row_that_stands(client: httpx.AsyncClient, world: World) -> None:
    world.publish(
        registered("old"),
        registered("new"),
        enrolled("old"),
        event("merge", "identity.PersonsMerged", merged="old", surviving="new"),
    )
    assert (await get(client, "/students/old"))["person"] == "new"
    assert (await get(client, "/students/old?known_at=2999-01-01"))["person"] == "new"
    assert (await get(client, "/explain/students/old"))["key"] == {"person": "new"}


async def test_figures_of_a_day(client: httpx.AsyncClient, world: World) -> None:
    world.publish(event("a", "identity.AccountLinked", person="p-1", account="a-1", provider="i-1"))
    assert (await get(client, "/accounts/a-1?on=2024-09-11"))["idle_days"] == 10
    assert "idle_days" not in await get(client, "/accounts/a-1")
    listed = await get(client, "/accounts?on=2024-09-12&fields=account")
    assert listed["items"] == [{"account": "a-1", "position": 1, "idle_days": 11}]


async def test_waiting_for_what_one_wrote(client: httpx.AsyncClient, world: World) -> None:
    position = world.append(enrolled("p-1"))
    asked = asyncio.create_task(client.get(f"/students/p-1?wait_for={position}"))
    await asyncio.sleep(0.1)
    assert not asked.done()
    await asyncio.to_thread(world.project)
    assert (await asked).status_code == 200


async def test_waiting_has_an_end(
    client: httpx.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.postgres.serve.bookmarks.WAIT_SECONDS", 0.2)
    assert (await get(client, "/students?wait_for=99", 400))["code"] == "beyond-the-log"
    response = await client.get(f"/students?wait_for={world.append(enrolled('p-1'))}")
    assert (response.status_code, response.json()["code"]) == (503, "not-there-yet")
    assert response.headers["retry-after"] == "1"


async def test_a_rebuild_disturbs_nobody(client: httpx.AsyncClient, world: World) -> None:
    world.publish(enrolled("p-1"))
    before = await get(client, "/students/p-1")
    model = next(each for each in MODELS if each.name == "students")
    for _ in range(3):
        # Without grace the table that was live is dropped by the rebuild after.
        await asyncio.to_thread(world.rebuild, model, grace_seconds=0)
        assert await get(client, "/students/p-1") == before
        assert len((await get(client, "/students"))["items"]) == 1
