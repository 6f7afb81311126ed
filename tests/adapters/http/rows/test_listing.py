"""Lists and sums of the rows of read models."""

from __future__ import annotations

from typing import Any

import httpx
import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from adapters.http.describe.rows import _listing
from adapters.http.protocol.grammar import LIST_OPTIONS, parse
from adapters.postgres.serve import sql
from adapters.postgres.serve.query import Filter
from adapters.postgres.serve.tables import LiveTable
from projections.catalogue import READ_MODELS
from projections.read_model import ReadModel
from tests.adapters.http.client import get
from tests.adapters.http.conftest import MODELS, World, enrolled, registered


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


async def test_sealed_fields_are_found_by_equal_values(client: httpx.AsyncClient, world: World) -> None:
    world.publish(registered("p-1"), registered("p-2", "李雷"), registered("p-3"))
    found = await get(client, "/known-people?name=王小明")
    assert [each["person"] for each in found["items"]] == ["p-1", "p-3"]
    found = await get(client, "/known-people?name[in]=李雷,nobody")
    assert [each["name"] for each in found["items"]] == ["李雷"]
    assert (await get(client, "/known-people?name[gte]=a", 400))["code"] == "bad-parameter"


async def test_a_name_is_waited_for_like_the_rows(client: httpx.AsyncClient, world: World) -> None:
    position = world.append(registered("p-1", "买买提•艾山"))
    while world.projector.step():
        pass
    asked = {"name": "买买提·艾山", "wait_for": str(position)}
    early = await client.get("/known-people", params={"name": asked["name"]})
    assert early.json()["items"] == []
    world.index.step()
    found = await client.get("/known-people", params=asked, headers={"if-none-match": early.headers["etag"]})
    assert [each["person"] for each in found.json()["items"]] == ["p-1"]


async def test_who_is_erased_is_forgotten_by_the_index(client: httpx.AsyncClient, world: World) -> None:
    world.publish(registered("p-1"), registered("p-2"))
    world.key_store.keys.destroy([("p-1", "person")])
    world.index.step()
    assert [each["person"] for each in (await get(client, "/known-people?name=王小明"))["items"]] == ["p-2"]
    with psycopg.connect(world.url) as connection:
        assert connection.execute("SELECT count(*) FROM read.names").fetchone() == (1,)


async def test_a_value_that_nobody_can_open_is_null_and_told_and_no_fault_of_its_neighbours(
    client: httpx.AsyncClient, world: World
) -> None:
    world.publish(registered("p-1"), registered("p-2", "李雷"))
    with psycopg.connect(world.url) as connection:
        (table,) = connection.execute(
            "SELECT table_name FROM read.models WHERE name = 'known-people'"
        ).fetchone() or ("",)
        query = SQL("UPDATE read.{} SET name = overlay(name PLACING %s FROM 2 FOR 8) WHERE person = 'p-1'")
        connection.execute(query.format(Identifier(table)), (b"8 of it.",))
    found = await get(client, "/known-people")
    assert [each["name"] for each in found["items"]] == [None, "李雷"]
    assert (await get(client, "/ready"))["unopened"]["unknown-key"] == 1
    assert 'pujiang_unopened_values{reason="unknown-key"} 1.0' in (await client.get("/metrics")).text


def test_sealed_fields_are_found_by_an_index(world: World) -> None:
    with psycopg.connect(world.url) as connection:
        found = connection.execute(
            "SELECT table_name FROM read.models WHERE name = 'known-people'"
        ).fetchone()
        live = LiveTable(MODELS[-1], (found or ("",))[0], "", {"person": "text", "name": "sealed"})
        where, given = sql.conditions(live, [Filter("name", "eq", ("王小明",))], world.sealer.find_hash)
        connection.execute("SET enable_seqscan = off")
        row = f"EXPLAIN {sql.select(['person'], live)} WHERE name = %s".encode()
        index = f"EXPLAIN {where[0].partition(' IN ')[2]}".encode()
        plans = [
            "".join(line for (line,) in connection.execute(*asked).fetchall())
            for asked in ((row, [b"sealed"]), (index, given))
        ]
    assert "Index Cond: (name = " in plans[0]
    assert "Index Cond: (hash = ANY" in plans[1]


async def test_a_field_that_is_called_as_a_parameter_can_be_filtered_by(
    client: httpx.AsyncClient, world: World
) -> None:
    world.publish(registered("p-1"), registered("p-2"))
    found = await get(client, "/persons?person[eq]=p-2")
    assert [each["person"] for each in found["items"]] == ["p-2"]


@pytest.mark.parametrize("named", READ_MODELS, ids=lambda each: each.name)
def test_every_filter_of_every_model_has_one_parameter(named: ReadModel[Any]) -> None:
    """Filters and parameters are described under different names, and each filter can be asked for."""
    described = [each["name"] for each in _listing(named)]
    assert len(described) == len(set(described))
    columns = dict.fromkeys(named.columns(), "text")
    live = LiveTable(named, "t", "d", columns)  # type: ignore[arg-type]  # each column as text
    for field in dict.fromkeys((*named.key, *named.filter)):
        name = f"{field}[eq]" if field in LIST_OPTIONS else field
        assert name in described
        (chosen,) = parse(f"{name}=x".encode(), live, LIST_OPTIONS, filters=True).filters
        assert (chosen.field, chosen.operator) == (field, "eq")
