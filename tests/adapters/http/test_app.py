"""What surrounds the answers: hosts, health, figures, documents."""

from __future__ import annotations

import asyncio
from typing import Any, get_args

import httpx
import msgspec
import psycopg
import pytest
from jsonschema import Draft202012Validator

from adapters.http.app import create_app
from adapters.http.context import Context
from events.labels.table import Language, labels
from tests.adapters.http.client import get
from tests.adapters.http.conftest import MODELS, World, enrolled


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
    app = create_app(Context(world.log, world.codec, world.sealer, world.url, 1, models=MODELS))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            assert (await get(client, "/ready", 503))["missing"] == sorted(each.name for each in MODELS)
            assert (await get(client, "/students/p-1", 503))["code"] == "not-built-yet"
            assert (await client.get("/metrics")).status_code == 200


async def test_an_address_tells_its_methods(client: httpx.AsyncClient) -> None:
    for path in ("/students", "/students/p-1", "/events/1", "/ready"):
        response = await client.post(path)
        assert (response.status_code, response.json()["code"]) == (405, "method-not-allowed")
        assert response.headers["allow"] == "GET, HEAD"
    assert "PUT is not allowed here: use GET, HEAD" in (await client.put("/students")).json()["detail"]


@pytest.mark.parametrize(
    "path,code",
    [("/explain/students", "not-found"), ("/docs/nope", "not-found"), ("/nope", "unknown-address")],
)
async def test_where_nothing_is(client: httpx.AsyncClient, path: str, code: str) -> None:
    assert (await get(client, path, 404))["code"] == code


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


async def test_the_document_has_labels_in_the_language_of_the_client(client: httpx.AsyncClient) -> None:
    chinese = await client.get("/openapi.json", headers={"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"})
    english = await client.get("/openapi.json")
    for response, language in ((chinese, "zh"), (english, "en")):
        assert response.headers["content-language"] == language
        assert response.headers["vary"] == "accept-language"
    told = chinese.json()
    entry = told["components"]["schemas"]["data.roll.StudentEnrolled"]["properties"]
    assert entry["school"]["description"] == "学校"
    assert "小学" in entry["stage"]["x-enum-descriptions"]
    assert told["components"]["schemas"]["event.roll.StudentEnrolled"]["description"].startswith("入学")
    assert told["paths"]["/students"]["get"]["summary"].startswith("学生库")
    assert "学籍管理" in {
        each["description"].partition(":")[0] for each in told["tags"] if "description" in each
    }
    assert english.json().keys() == told.keys()
    # An entity tag is that of one language.
    same = {"if-none-match": english.headers["etag"]}
    assert (await client.get("/openapi.json", headers=same)).status_code == 304
    assert (await client.get("/openapi.json", headers={**same, "accept-language": "zh"})).status_code == 200


async def test_all_labels_can_be_read(client: httpx.AsyncClient) -> None:
    for language in get_args(Language):
        told = await client.get("/labels", headers={"accept-language": language})
        assert told.json() == msgspec.to_builtins(labels(language))
        assert (told.headers["content-language"], told.headers["vary"]) == (language, "accept-language")


async def test_pages_and_problems_are_in_the_language_of_the_client(client: httpx.AsyncClient) -> None:
    chinese = {"accept-language": "zh"}
    page = await client.get("/docs", headers=chinese)
    assert '<html lang="zh">' in page.text
    assert (page.headers["content-language"], page.headers["vary"]) == ("zh", "accept-language")
    problem = await client.get("/students/p-9", headers=chinese)
    assert (problem.json()["title"], problem.headers["content-language"]) == ("记录不存在", "zh")
    other_host = await client.get("/health", headers={**chinese, "host": "evil.example"})
    assert other_host.json()["title"] == "请求的主机有误"
    assert (await client.put("/students", headers=chinese)).json()["title"] == "方法不允许"


GOES_WITH_OTHERS = {"wait_for", "cursor", "by", "known_at", "true_at"}


def fitting(schema: dict[str, Any]) -> list[str]:
    """Return texts that fit a parameter's schema, its bounds among them."""
    schema = schema.get("anyOf", [schema])[-1]
    if "enum" in schema:
        return list(schema["enum"])
    match schema["type"]:
        case "array":
            return fitting(schema["items"])
        case "integer":
            return [str(schema["minimum"]), str(schema["maximum"])]
        case "number":
            return ["-1.5"]
        case "boolean":
            return ["true", "false"]
    return ["2024-09-01"] if schema.get("format") == "date" else ["", "学"]


async def test_each_parameter_of_the_document_is_taken(client: httpx.AsyncClient, world: World) -> None:
    document = await get(client, "/openapi.json")
    names = []
    for model in MODELS:
        for each in document["paths"][f"/{model.name}"]["get"]["parameters"]:
            names.append(f"{model.name} {each['name']}")
            if each["name"] not in GOES_WITH_OTHERS:
                for text in fitting(each["schema"]):
                    answer = await client.get(f"/{model.name}", params={each["name"]: text})
                    assert answer.status_code == 200, answer.text
    assert {"known-people name", "known-people name[in]", "known-people born[gte]"} <= set(names)
    assert "known-people name[gte]" not in names


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


async def test_other_methods_are_refused(client: httpx.AsyncClient) -> None:
    response = await client.put("/students/p-1")
    assert response.status_code == 405
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_lost_database_asks_to_come_again(client: httpx.AsyncClient, world: World) -> None:
    world.publish(enrolled("p-1"))
    with psycopg.connect(world.url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    answer = await client.get("/students/p-1")
    assert (answer.status_code, answer.json()["code"]) == (503, "database-unavailable")
    assert int(answer.headers["retry-after"]) > 0
    async with asyncio.timeout(30):
        while not (await client.get("/students/p-1")).is_success:  # noqa: ASYNC110 - asking is the test
            await asyncio.sleep(0.01)
