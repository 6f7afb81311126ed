"""The table of addresses, walked both ways: what stands in it is there everywhere, and nothing else is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, cast

import httpx
import pytest
from starlette.routing import BaseRoute, Mount, Route

from adapters.http.addresses.routes import RowRoute
from adapters.http.addresses.table import Addresses, addresses
from adapters.http.app import create_app
from adapters.http.context import Context
from adapters.http.describe.openapi import document
from adapters.http.describe.pages import LISTS, index
from adapters.http.handlers import Handlers
from adapters.http.log.publish import Publications
from adapters.http.protocol.address import Address
from projections.catalogue import READ_MODELS
from tests.adapters.http.conftest import MODELS, World, enrolled, registered, serving

SAMPLES = {
    "model": "students",
    "key": "p-1",
    "position": "1",
    "source": "urn:test",
    "path": "0/000.p/1",
    "person": "p-1",
    "origin_hash": "0" * 64,
    "file": "swagger-ui.css",
    "subject": "pujiang.roll.StudentEnrolled",
    "version": "1",
    "id": "1",
}
NOWHERE = {"not-found", "unknown-address", "404"}
"""The codes of addresses that do not exist; the last one is the registry's."""

OPTIONAL = {
    "POST /events",
    "POST /events/batch",
    "POST /person-numbers",
    "GET /refused",
    "GET /checkpoint",
    "GET /tile/{path}",
    "GET /proof/inclusion",
    "GET /proof/consistency",
    "GET /events/{position}/receipt",
    "GET /receipt/{model}/{key}",
    "GET /erasure/{person}/certificate",
    "POST /add-checkpoint",
    "GET /witness/{origin_hash}/checkpoint",
}
"""What a context need not have."""


def more(world: World) -> dict[str, Any]:
    """Return what a context has, beside what each test serves, if it leaves nothing out."""
    return {"inbox": "pujiang.inbox", "publish": Publications(world.door, cast("Any", None)).answer}


def least(world: World) -> Context:
    return Context(world.log, world.codec, world.sealer, world.url, 1)


def full_context(world: World) -> Context:
    context = least(world)
    context.checkpoints, context.origin = world.published, world.origin
    context.sign, context.witness = world.sign, world.witness()
    for name, value in more(world).items():
        setattr(context, name, value)
    return context


@pytest.fixture
def full(world: World) -> Context:
    return full_context(world)


def filled(address: Address) -> str:
    """Return the path of an address with all its parameters filled in."""
    return re.sub(r"\{(\w+)\}", lambda found: SAMPLES[found[1]], address.shown)


def table_of(context: Context) -> Addresses:
    return addresses(Handlers(context))


def named(found: Iterable[Address]) -> set[str]:
    return {f"{each.method} {each.shown}" for each in found}


def routed(found: Iterable[BaseRoute], before: str = "") -> set[str]:
    """Return what routes answer, with what is mounted."""
    names: set[str] = set()
    for each in found:
        if isinstance(each, Mount):
            names |= routed(each.routes, before + each.path)
        else:
            assert isinstance(each, Route)
            methods = (each.methods or set()) - {"HEAD"}
            names |= {f"{method} {re.sub(':path', '', before + each.path)}" for method in methods}
    return names


def test_routes_are_those_of_the_table(full: Context, world: World) -> None:
    for context in (full, least(world)):
        assert routed(create_app(context).routes) == named(table_of(context).all)


def test_the_document_is_that_of_the_table(full: Context) -> None:
    table = table_of(full)
    paths = document(table.all, READ_MODELS, "1")["paths"]
    described = {(path, method.upper()) for path, operations in paths.items() for method in operations}
    assert all(each.operations() for each in table.all)
    assert described == {(path, each.method) for each in table.all for path in each.operations()}


async def test_the_index_is_that_of_the_table(world: World) -> None:
    async with serving(world, **more(world)) as client:
        told = (await client.get("/")).json()
    assert told.pop("name")
    assert told.pop("read_models") == {each.name: f"/{each.name}" for each in MODELS}
    assert {key for key, value in told.items() if isinstance(value, list)} == LISTS
    listed = {path for key in LISTS for path in told.pop(key)} | set(told.values())
    assert listed == {each.shown for each in table_of(full_context(world)).all}


async def test_each_address_answers(world: World) -> None:
    world.publish(registered("p-1"), enrolled("p-1"))
    world.maker.step()
    async with serving(world, **more(world)) as client:
        assert await code(client, "GET", "/nope") in NOWHERE
        assert await code(client, "GET", "/docs/nope") in NOWHERE
        assert await code(client, "GET", "/registry/nope") in NOWHERE
        asked = [(each.method, filled(each)) for each in table_of(full_context(world)).all]
        assert [each for each in asked if await code(client, *each) in NOWHERE] == []


async def code(client: httpx.AsyncClient, method: str, path: str) -> str:
    """Return the code of the problem that an address answers with, if it is one."""
    async with client.stream(method, path) as answer:
        told = await answer.aread() if answer.is_error else b"{}"
    problem = json.loads(told)
    return str(problem.get("code") or problem.get("error_code"))


def test_what_a_context_does_not_have_is_nowhere(full: Context, world: World) -> None:
    some, all_ = table_of(least(world)), table_of(full)
    assert named(all_.all) - named(some.all) == OPTIONAL
    told = str(index(some.all))
    assert "checkpoint" not in told
    assert "refused" not in told
    paths = document(some.all, MODELS, "1")["paths"]
    assert set(paths["/events"]) == {"get"}
    assert not {"/refused", "/checkpoint", "/receipt/students/{person}"} & set(paths)


async def test_what_a_context_does_not_have_is_not_found(world: World) -> None:
    app = create_app(least(world))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            for path in ("/refused", "/checkpoint", "/proof/inclusion", "/receipt/students/p-1"):
                answer = await client.get(path)
                assert (answer.status_code, answer.json()["code"] in NOWHERE) == (404, True), path


def test_the_row_route_leaves_all_others_theirs(full: Context) -> None:
    table = table_of(full)
    row = RowRoute(table)
    for each in table.all:
        assert bool(row.path_regex.match(filled(each))) == (each is table.row), each.path


def test_no_read_model_has_the_first_part_of_an_address_as_its_name(full: Context) -> None:
    table = table_of(full)
    first = {each.segments[0] for each in (*table.own, *table.registry)}
    assert {"events", "tile", "registry", "docs"} <= first
    assert not {each.name for each in READ_MODELS} & first
