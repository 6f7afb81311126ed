"""The registry over HTTP: Confluent's own client finds every contract and reads what the log has."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import msgspec
import pytest
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.serialization import MessageField, SerializationContext
from hypothesis import HealthCheck, Phase, given, settings
from starlette.applications import Starlette

from adapters.contracts.published import latest, published
from adapters.contracts.registry import Registry
from adapters.http.addresses.registry import registry_addresses
from adapters.http.addresses.routes import registry_mount
from adapters.http.registry.api import RegistryApi
from events.catalogue import by_name
from events.entry import parse
from events.event import Event
from tests.adapters.http.conftest import World
from tests.bus import confluent
from tests.logs import strategies

CONTRACTS = published()
SUBJECT = "pujiang.roll.StudentEnrolled"
ENROLLED = Registry(CONTRACTS).version(SUBJECT, "latest")
TEXT = msgspec.json.encode(ENROLLED.schema).decode()
MEDIA = "application/vnd.schemaregistry.v1+json"


def some(cls: type[Event]) -> Sequence[Event]:
    """Make a few events of a class."""
    found: list[Event] = []

    @settings(
        max_examples=3,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategies.events(cls))
    def collect(event: Event) -> None:
        found.append(msgspec.structs.replace(event, id=f"{len(found)}", source=cls.__name__))

    collect()
    return found


async def test_what_the_log_has_reads_the_same_with_confluents_client(
    client: httpx.AsyncClient, world: World
) -> None:
    proposals = [world.codec.propose(each) for cls in by_name().values() for each in some(cls)]
    world.log.append(proposals)
    stored = world.log.read(limit=len(proposals))
    with confluent.reading(f"{client.base_url}/registry") as read:
        for each in stored:
            told = await asyncio.to_thread(read, parse(each.entry).data)
            assert told == confluent.values(world.codec.decode(each))
    assert {parse(each.entry).type for each in stored} == set(by_name())


async def test_confluents_client_finds_every_contract(client: httpx.AsyncClient) -> None:
    def look(registry: SchemaRegistryClient) -> None:
        assert registry.get_subjects() == sorted({each.full_name for each in CONTRACTS})
        assert registry.get_subjects(subject_prefix="pujiang.roll.", offset=1, limit=2) == [
            "pujiang.roll.RollRulesPublished",
            "pujiang.roll.SchoolClosed",
        ]
        for each in CONTRACTS:
            schema = registry.get_schema(each.id)
            assert msgspec.json.decode(schema.schema_str or "") == each.schema
            assert registry.get_version(each.full_name, each.version).schema_id == each.id
            last = latest(CONTRACTS)[each.type]
            assert registry.get_versions(each.full_name) == list(range(1, last.version + 1))
            told = registry.get_latest_version(each.full_name)
            assert (told.schema_id, told.version) == (last.id, last.version)
            assert registry.lookup_schema(each.full_name, schema).schema_id == each.id
            assert registry.register_schema(each.full_name, schema) == each.id
        assert registry.get_schema_types() == ["AVRO"]
        assert registry.get_compatibility() == registry.get_compatibility(SUBJECT) == "FULL_TRANSITIVE"
        assert registry.get_subjects_by_schema_id(ENROLLED.id) == [SUBJECT]
        assert [each.version for each in registry.get_schema_versions(ENROLLED.id)] == [2]
        assert registry.get_version(SUBJECT, 2).schema_id == ENROLLED.id
        assert registry.get_referenced_by(SUBJECT, 1) == []
        assert registry.get_contexts() == ["."]

    with confluent.registry_at(f"{client.base_url}/registry") as registry:
        await asyncio.to_thread(look, registry)
    assert 'route="/registry/schemas/ids/{id}"' in (await client.get("/metrics")).text


async def test_a_release_alone_publishes_contracts(client: httpx.AsyncClient) -> None:
    fields = ENROLLED.schema["fields"]
    wider = [*fields, {"name": "tutor", "type": ["null", "string"], "default": None}]
    compatible = Schema(msgspec.json.encode(ENROLLED.schema | {"fields": wider}).decode(), "AVRO")
    broken = Schema(msgspec.json.encode(ENROLLED.schema | {"fields": fields[1:]}).decode(), "AVRO")

    def look(registry: SchemaRegistryClient) -> None:
        assert registry.test_compatibility(SUBJECT, compatible)
        assert registry.test_compatibility_all_versions(SUBJECT, compatible, verbose=True)
        assert not registry.test_compatibility(SUBJECT, broken)
        for schema, status, code in ((compatible, 422, 42205), (broken, 409, 409)):
            with pytest.raises(SchemaRegistryError) as refused:
                registry.register_schema(SUBJECT, schema)
            assert (refused.value.http_status_code, refused.value.error_code) == (status, code)
        with pytest.raises(SchemaRegistryError, match="published by a release"):
            registry.set_compatibility(SUBJECT, "NONE")
        with pytest.raises(SchemaRegistryError, match="published by a release"):
            registry.delete_subject(SUBJECT)

    with confluent.registry_at(f"{client.base_url}/registry") as registry:
        await asyncio.to_thread(look, registry)


async def test_a_producer_frames_by_record_name_as_we_do(client: httpx.AsyncClient, world: World) -> None:
    [event, *_] = some(by_name()["roll.StudentEnrolled"])
    told = {
        "auto.register.schemas": False,
        "use.latest.version": True,
        "subject.name.strategy.type": "RECORD",
    }

    with confluent.registry_at(f"{client.base_url}/registry") as registry:
        serializer = AvroSerializer(registry, TEXT, conf=told)
        context = SerializationContext("pujiang.inbox", MessageField.VALUE)
        framed = await asyncio.to_thread(serializer, confluent.values(event), context)
    assert framed == world.codec.propose(event).data


@pytest.fixture
async def alone() -> AsyncIterator[httpx.AsyncClient]:
    """The registry without the application around it."""
    transport = httpx.ASGITransport(
        Starlette(routes=[registry_mount(registry_addresses(RegistryApi(CONTRACTS)))])
    )
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


async def test_plain_requests(alone: httpx.AsyncClient) -> None:
    at = f"/registry/subjects/{SUBJECT}/versions/latest"
    answer = await alone.get(at)
    assert answer.headers["content-type"] == MEDIA
    assert answer.json() == {
        "subject": SUBJECT,
        "version": 2,
        "id": ENROLLED.id,
        "schemaType": "AVRO",
        "schema": TEXT,
    }
    plain = await alone.get(f"{at}/schema", headers={"accept": "application/json"})
    assert (plain.headers["content-type"], plain.json()) == ("application/json", ENROLLED.schema)
    by_id = f"/registry/schemas/ids/{ENROLLED.id}"
    assert (await alone.get(f"{by_id}/schema")).json() == ENROLLED.schema
    assert (await alone.get(by_id, params={"fetchMaxId": "true"})).json()["maxId"] == len(CONTRACTS)
    assert (await alone.get(f"{by_id}/subjects", params={"subject": "another"})).json() == []
    assert len((await alone.get("/registry/schemas", params={"latestOnly": "true"})).json()) == len(
        latest(CONTRACTS)
    )
    assert (await alone.get("/registry/mode")).json() == {"mode": "READONLY"}
    verbose = await alone.post(
        f"/registry/compatibility/subjects/{SUBJECT}/versions?verbose=true", json={"schema": '"string"'}
    )
    assert verbose.json()["is_compatible"] is False
    assert "not one of the record" in verbose.json()["messages"][0]


BODY = {"schema": TEXT}


@pytest.mark.parametrize(
    "method,path,sent,code",
    [
        ("GET", "/nothing", None, 404),
        ("PATCH", "/config", None, 405),
        ("PUT", "/config", {"compatibility": "NONE"}, 42205),
        ("DELETE", f"/mode/{SUBJECT}", None, 42205),
        ("DELETE", f"/subjects/{SUBJECT}/versions/1", None, 42205),
        ("GET", "/subjects?offset=one", None, 400),
        ("GET", "/subjects/none/versions", None, 40401),
        ("GET", "/config/none", None, 40401),
        ("GET", f"/subjects/{SUBJECT}/versions/9", None, 40402),
        ("GET", f"/subjects/{SUBJECT}/versions/none", None, 42202),
        ("GET", "/schemas/ids/0", None, 40403),
        ("POST", "/subjects/none", BODY, 40401),
        ("POST", f"/subjects/{SUBJECT}", {"schema": '"string"'}, 40403),
        ("POST", f"/subjects/{SUBJECT}", {"schema": "{"}, 42201),
        ("POST", f"/subjects/{SUBJECT}", {"schema": 5}, 422),
        ("POST", f"/subjects/{SUBJECT}", {}, 422),
        ("POST", f"/subjects/{SUBJECT}/versions", BODY | {"schemaType": "JSON"}, 42201),
        ("POST", f"/compatibility/subjects/{SUBJECT}/versions/9", BODY, 40402),
        ("POST", f"/subjects/{SUBJECT}", {"schema": " " * 1024 * 1024}, 413),
    ],
)
async def test_errors_have_confluents_codes(
    alone: httpx.AsyncClient, method: str, path: str, sent: Any, code: int
) -> None:
    answer = await alone.request(method, f"/registry{path}", json=sent)
    told = answer.json()
    assert (told["error_code"], answer.status_code) == (code, int(str(code)[:3]))
    assert answer.headers["content-type"] == MEDIA
    assert told["message"]


@pytest.mark.parametrize(
    "content,media,status",
    [
        (b"{", "application/json", 400),
        (b"\xff", MEDIA, 400),
        (b"schema=5", "application/x-www-form-urlencoded", 415),
    ],
)
async def test_what_is_no_json_is_told(
    alone: httpx.AsyncClient, content: bytes, media: str, status: int
) -> None:
    answer = await alone.post(
        f"/registry/subjects/{SUBJECT}", content=content, headers={"content-type": media}
    )
    assert (answer.status_code, answer.json()["error_code"]) == (status, status)
