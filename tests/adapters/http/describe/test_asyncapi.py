"""The AsyncAPI document: valid against AsyncAPI's own schema, and as the topics and contracts are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft7Validator

import tests
from adapters.contracts.published import latest, published
from adapters.http.describe.asyncapi import document
from events.catalogue import by_name, publishable
from streams.bus.topics import topics

SCHEMA = Path(tests.__file__).parent / "vendor" / "asyncapi" / "3.0.0-without-id.json"
DOCUMENT = json.loads(json.dumps(document(published(), "1.0", prefix="city")))


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    return Draft7Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_the_document_is_valid(validator: Draft7Validator) -> None:
    assert [error.message[:300] for error in validator.iter_errors(DOCUMENT)] == []


@pytest.mark.parametrize(
    "place,broken",
    [
        (("channels", "events", "bindings", "kafka", "partitions"), 0),
        (("operations", "send-events", "action"), "publish"),
        (
            ("components", "messages", "roll.StudentEnrolled", "payload", "schema", "fields"),
            [{"type": "string"}],
        ),
        (("servers", "kafka", "host"), None),
    ],
)
def test_the_schema_would_tell_a_broken_document(
    validator: Draft7Validator, place: tuple[str, ...], broken: Any
) -> None:
    changed = json.loads(json.dumps(DOCUMENT))
    inside = changed
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = broken
    assert not validator.is_valid(changed)


def test_every_topic_is_a_channel_as_it_is_declared() -> None:
    told = {each["address"]: each["bindings"]["kafka"] for each in DOCUMENT["channels"].values()}
    declared = topics("city")
    assert set(told) == {each.name for each in declared}
    for each in declared:
        configuration = told[each.name]["topicConfiguration"]
        assert told[each.name]["partitions"] == each.partitions
        assert configuration["retention.ms"] == each.retention_ms
        assert configuration["cleanup.policy"] == ["compact" if each.compacted else "delete"]


def test_every_event_has_a_message_with_its_newest_contract() -> None:
    messages, newest = DOCUMENT["components"]["messages"], latest(published())
    assert list(DOCUMENT["channels"]["events"]["messages"]) == list(by_name())
    assert set(publishable()) == set(DOCUMENT["channels"]["inbox"]["messages"]) & set(by_name())
    for name in by_name():
        assert messages[name]["payload"]["schema"] == newest[name].schema


def test_every_reference_leads_somewhere() -> None:
    found = list(references(DOCUMENT))
    assert found
    for each in found:
        inside = DOCUMENT
        for step in each.removeprefix("#/").split("/"):
            inside = inside[step]


def references(told: Any) -> list[str]:
    if isinstance(told, list):
        return [each for item in told for each in references(item)]
    if not isinstance(told, dict):
        return []
    own = [told["$ref"]] if isinstance(told.get("$ref"), str) else []
    return own + [each for item in told.values() for each in references(item)]


async def test_the_document_is_served_and_names_the_registry(
    client: httpx.AsyncClient, validator: Draft7Validator
) -> None:
    told = (await client.get("/asyncapi.json")).json()
    assert validator.is_valid(told)
    url = told["servers"]["kafka"]["bindings"]["kafka"]["schemaRegistryUrl"]
    assert (await client.get(f"{url}/subjects")).status_code == 200
