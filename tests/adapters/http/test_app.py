"""What surrounds the answers: hosts, health, figures, documents."""

from __future__ import annotations

from typing import Any

import httpx
import psycopg
import pytest
from jsonschema import Draft202012Validator

from adapters.http.app import Context, create_app
from tests.adapters.http.conftest import MODELS, World, enrolled
from tests.adapters.http.test_queries import get


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "127.0.0.1@evil"])
async def test_only_known_hosts_are_meant(client: httpx.AsyncClient, host: str) -> None:
    assert (await client.get("/health", headers={"host": host})).status_code == 421
    for name in ("localhost", "localhost:8000", "127.0.0.1", "[::1]:8000"):
        assert (await client.get("/health", headers={"host": name})).status_code == 200


async def test_ready_once_all_is_built(client: httpx.AsyncClient, world: World) -> None:
    assert (await get(client, "/ready"))["status"] == "ready"


async def test_before_anything_is_built(world: World) -> None:
    with psycopg.connect(world.url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA read CASCADE")
    app = create_app(Context(world.log, world.codec, world.sealer, world.url, models=MODELS))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            assert (await get(client, "/ready", 503))["missing"] == sorted(each.name for each in MODELS)
            assert (await get(client, "/students/p-1", 503))["code"] == "not-built-yet"
            assert (await client.get("/metrics")).status_code == 200


async def test_figures(client: httpx.AsyncClient, world: World) -> None:
    world.publish(enrolled("p-1"))
    world.append(enrolled("p-2"))
    await client.get("/students/p-1")
    told = (await client.get("/metrics")).text
    assert "pujiang_log_size 2.0" in told
    assert 'pujiang_projection_lag{model="students"} 1.0' in told
    assert 'pujiang_projection_held{model="students"} 0.0' in told
    assert 'pujiang_request_seconds_count{method="GET",route="/{model}/{key:path}"} 1.0' in told


async def test_the_document_describes_what_is_answered(client: httpx.AsyncClient, world: World) -> None:
    world.publish(enrolled("p-1"))
    document = await get(client, "/openapi.json")
    assert document["openapi"].startswith("3.1")
    check(document, "row.students", await get(client, "/students/p-1"))
    check(document, "Event", await get(client, "/events/1"))
    check(document, "CloudEvent", enrolled("p-1"))
    check(document, "Problem", await get(client, "/students/p-9", 404))
    for each in MODELS:
        assert f"/{each.name}" in document["paths"]


async def test_every_address_of_the_document_exists(client: httpx.AsyncClient, world: World) -> None:
    world.publish(enrolled("p-1"))
    world.maker.step()
    document = await get(client, "/openapi.json")
    for path, methods in document["paths"].items():
        if "get" in methods and not path.endswith("/stream"):
            filled = path.replace("{grade}", "1").replace("{position}", "1").replace("{", "").replace("}", "")
            told = {each["name"]: "1" for each in methods["get"]["parameters"] if each.get("required")}
            needed = {name: value for name, value in told.items() if f"{{{name}}}" not in path}
            response = await client.get(filled, params=needed)
            assert response.status_code < 500, response.text
            assert response.status_code != 400, response.text


def check(document: Any, name: str, told: Any) -> None:
    Draft202012Validator({"$ref": f"#/components/schemas/{name}", **document}).validate(told)


async def test_the_page_needs_nothing_from_outside(client: httpx.AsyncClient) -> None:
    page = (await client.get("/docs")).text
    assert "//" not in page.replace("<!doctype", "")
    for path in ("/docs/start.js", "/docs/files/swagger-ui.css", "/docs/files/swagger-ui-bundle.js", "/"):
        assert (await client.get(path)).status_code == 200


def test_no_read_model_takes_an_address_that_is_ours(world: World) -> None:
    app = create_app(Context(world.log, world.codec, world.sealer, world.url))
    ours = {getattr(each, "path", "").split("/")[1] for each in app.routes}
    assert not {each.name for each in MODELS} & ours


async def test_other_methods_are_refused(client: httpx.AsyncClient) -> None:
    response = await client.put("/students/p-1")
    assert response.status_code == 405
    assert response.headers["content-type"] == "application/problem+json"
