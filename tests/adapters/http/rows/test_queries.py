"""Rows and lists of read models, as they are and as they were."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import psycopg
import pytest

from adapters.postgres.serve import sql
from adapters.postgres.serve.query import Filter
from adapters.postgres.serve.tables import LiveTable
from tests.adapters.http.conftest import MODELS, World, enrolled, registered
from tests.logs.cloudevents import event


async def get(client: httpx.AsyncClient, path: str, status: int = 200, **headers: str) -> Any:
    response = await client.get(path, headers=headers)
    assert response.status_code == status, response.text
    return response.json()


async def test_a_row_tells_its_fields_and_position(client: httpx.AsyncClient, world: World) -> None:
    world.publish(enrolled("p-1", 3))
    told = await get(client, "/students/p-1")
    assert (told["person"], told["grade"], told["status"], told["position"]) == ("p-1", 3, "enrolled", 1)


async def test_who_has_a_row_already_is_told_so(client: httpx.AsyncClient, world: World) -> None:
    world.publish(enrolled("p-1"))
    etag = (await client.get("/students/p-1")).headers["etag"]
    again = await client.get("/students/p-1", headers={"if-none-match": f'"other", {etag}'})
    assert (again.status_code, again.content) == (304, b"")
    world.publish(
        event(
            "up", "roll.StudentPromoted", person="p-1", school="s-1", district="d", from_grade=1, to_grade=2
        )
    )
    assert (await client.get("/students/p-1", headers={"if-none-match": etag})).status_code == 200


async def test_unknown_rows_models_and_parameters_are_told_what_exists(client: httpx.AsyncClient) -> None:
    assert (await get(client, "/students/p-9", 404))["code"] == "no-such-row"
    assert "students" in (await get(client, "/nonsense", 404))["read_models"]
    assert "school" in (await get(client, "/students?colour=red", 400))["filters"]
    assert "since" in (await get(client, "/students?sort=class_name", 400))["fields"]
    assert "fields" in (await get(client, "/students/p-1?school=s", 400))["parameters"]
    assert (await get(client, "/students/p-1/more", 404))["code"] == "unknown-address"


@pytest.mark.parametrize(
    "query",
    [
        "grade=x",
        "grade[gte]=99999999999999999999",
        "grade[between]=1",
        "limit=0",
        "limit=1001",
        "limit=5&limit=6",
        "cursor=x",
        "cursor=W10",
        "known_at=2024-01-01",
        "wait_for=-1",
        "on=2024-01-01",
        "sealed=yes",
        "by=school",
        "sum=since",
        "school=%00",
        "school=%ff",
        "fields=",
        "sort=-grade,grade",
        "=",
        "&".join(f"a{n}=1" for n in range(200)),
    ],
)
async def test_a_bad_query_answers_400(client: httpx.AsyncClient, query: str) -> None:
    response = await client.get(f"/students?{query}")
    assert response.status_code == 400, response.text
    assert response.headers["content-type"] == "application/problem+json"


async def test_filters_sorting_and_fields(client: httpx.AsyncClient, world: World) -> None:
    world.publish(*[enrolled(f"p-{n}", n % 4, f"s-{n % 2}") for n in range(12)])
    told = await get(
        client, "/students?grade[gte]=2&school[in]=s-0,s-9&sort=-grade,-person&fields=person,grade"
    )
    assert [each["person"] for each in told["items"]] == ["p-6", "p-2", "p-10"]
    assert set(told["items"][0]) == {"person", "grade", "position"}
    assert told["next"] is None
    assert told["position"] == 12


@pytest.mark.parametrize("sort", ["", "sort=grade", "sort=-since,person", "sort=-grade,since"])
async def test_pages_survive_inserts(client: httpx.AsyncClient, world: World, sort: str) -> None:
    early = [registered(f"q-{n}") for n in range(3)]  # no pupils: they have no `since`
    world.publish(*early, *[enrolled(f"p-{n:02}", n % 3) for n in range(10)])
    seen, query = [], f"/students?limit=3&{sort}"
    page = await get(client, query)
    world.publish(*[enrolled(f"p-{n:02}x", n % 3) for n in range(10)])
    while True:
        seen += [each["person"] for each in page["items"]]
        if page["next"] is None:
            break
        page = await get(client, f"{query}&cursor={page['next']}")
    assert len(seen) == len(set(seen))
    assert {f"p-{n:02}" for n in range(10)} <= set(seen)


async def test_pages_over_rows_without_the_sorted_field(client: httpx.AsyncClient, world: World) -> None:
    years = [None, 2001, 2002, None, 2001]
    world.publish(*[registered(f"p-{n}", birth_year=year) for n, year in enumerate(years)])
    for sort, expected in (("born", [1, 4, 2, 0, 3]), ("-born", [0, 3, 2, 1, 4])):
        seen: list[str] = []
        page = await get(client, f"/known-people?limit=1&sort={sort}")
        while page["next"]:
            seen += [each["person"] for each in page["items"]]
            page = await get(client, f"/known-people?limit=1&sort={sort}&cursor={page['next']}")
        seen += [each["person"] for each in page["items"]]
        assert seen == [f"p-{n}" for n in expected]


async def test_a_cursor_belongs_to_its_query(client: httpx.AsyncClient, world: World) -> None:
    world.publish(*[enrolled(f"p-{n}") for n in range(3)])
    following = (await get(client, "/students?limit=1"))["next"]
    assert (await get(client, f"/students?sort=grade&cursor={following}", 400))["parameter"] == "cursor"


async def test_rows_with_several_key_parts(client: httpx.AsyncClient, world: World) -> None:
    world.publish(enrolled("p-1"), enrolled("p-2"))
    one = await get(client, "/roll-history/p-1/2024-09-01")
    assert one["steps"][0]["what"] == "enrolled"
    rows = await get(client, "/roll-history/p-1")
    assert [(each["person"], each["day"]) for each in rows["items"]] == [("p-1", "2024-09-01")]
    assert (await get(client, "/head-counts/s-1/x/2024-09-01", 400))["parameter"] == "grade"


async def test_sums(client: httpx.AsyncClient, world: World) -> None:
    world.publish(*[enrolled(f"p-{n}", n % 3, f"s-{n % 2}") for n in range(12)])
    told = await get(client, "/head-counts?sum=change&by=school,grade&day[lte]=2024-09-01")
    assert {(each["school"], each["grade"]): each["change"] for each in told["items"]} == {
        (f"s-{school}", grade): 2 for school in range(2) for grade in range(3)
    }
    assert (await get(client, "/head-counts?sum=change"))["items"] == [{"change": 12}]
    assert (await get(client, "/head-counts?sum=change&day=1999-01-01"))["items"] == [{"change": 0}]
    page = await get(client, "/head-counts?sum=change&by=school,grade&limit=4")
    more = await get(client, f"/head-counts?sum=change&by=school,grade&limit=4&cursor={page['next']}")
    assert (len(page["items"]), len(more["items"]), more["next"]) == (4, 2, None)


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


async def test_sealed_fields_are_found_by_equal_values(client: httpx.AsyncClient, world: World) -> None:
    world.publish(registered("p-1"), registered("p-2", "李雷"), registered("p-3"))
    found = await get(client, "/known-people?name=王小明")
    assert [each["person"] for each in found["items"]] == ["p-1", "p-3"]
    found = await get(client, "/known-people?name[in]=李雷,nobody")
    assert [each["name"] for each in found["items"]] == ["李雷"]
    assert (await get(client, "/known-people?name[gte]=a", 400))["code"] == "bad-parameter"


def test_sealed_fields_are_found_by_an_index(world: World) -> None:
    with psycopg.connect(world.url) as connection:
        found = connection.execute(
            "SELECT table_name FROM read.models WHERE name = 'known-people'"
        ).fetchone()
        live = LiveTable(MODELS[-1], (found or ("",))[0], "", {"person": "text", "name": "sealed"})
        where, given = sql.conditions(live, [Filter("name", "eq", ("王小明",))], world.sealer.find_hash)
        connection.execute("SET enable_seqscan = off")
        asked = f"EXPLAIN {sql.select(['person'], live)} WHERE {where[0]}".encode()
        plan = "".join(line for (line,) in connection.execute(asked, given).fetchall())
    assert "Index Cond: (SUBSTRING(name FROM 10 FOR 8)" in plan


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
    monkeypatch.setattr("adapters.postgres.serve.progress.WAIT_SECONDS", 0.2)
    assert (await get(client, "/students?wait_for=99", 400))["code"] == "beyond-the-log"
    response = await client.get(f"/students?wait_for={world.append(enrolled('p-1'))}")
    assert (response.status_code, response.json()["code"]) == (503, "not-there-yet")
    assert response.headers["retry-after"] == "1"


async def test_as_it_was_known_and_as_it_was(client: httpx.AsyncClient, world: World) -> None:
    world.publish(enrolled("p-1", 1))
    between = (await get(client, "/events/1"))["recordedtime"]
    await asyncio.sleep(0.002)
    late = {"person": "p-1", "school": "s-1", "district": "pudong", "from_grade": 1, "to_grade": 2}
    world.publish(event("up", "roll.StudentPromoted", "2025-09-01T08:00:00+08:00", **late))
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
    assert (await get(client, "/explain/students/p-1?true_at=2023-01-01", 404))["detail"].endswith("then")


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
        f"/students?person[in]={','.join(map(str, range(101)))}&known_at=2025-08-31",
    ],
)
async def test_rows_as_of_a_time_are_chosen_by_key_alone(client: httpx.AsyncClient, query: str) -> None:
    assert (await get(client, query, 400))["code"] == "bad-parameter"


async def test_a_rebuild_disturbs_nobody(client: httpx.AsyncClient, world: World) -> None:
    world.publish(enrolled("p-1"))
    before = await get(client, "/students/p-1")
    model = next(each for each in MODELS if each.name == "students")
    for _ in range(3):
        # Without grace the table that was live is dropped by the rebuild after.
        await asyncio.to_thread(world.rebuild, model, grace_seconds=0)
        assert await get(client, "/students/p-1") == before
        assert len((await get(client, "/students"))["items"]) == 1


async def test_explain_names_the_event_behind_each_field(client: httpx.AsyncClient, world: World) -> None:
    world.publish(
        enrolled("p-1", 1),
        event(
            "up", "roll.StudentPromoted", person="p-1", school="s-1", district="d", from_grade=1, to_grade=2
        ),
    )
    told = (await get(client, "/explain/students/p-1"))["fields"]
    assert told["grade"]["value"] == 2
    assert told["grade"]["set_by"]["type"] == "roll.StudentPromoted"
    assert told["school"]["set_by"]["position"] == 1
    assert (await get(client, "/explain/students/p-9", 404))["code"] == "no-such-row"
