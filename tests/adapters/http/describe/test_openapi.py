"""The OpenAPI document: what generated clients and their authors read in it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, cast
from unittest.mock import Mock

import msgspec
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from adapters.contracts.codes import rules_of
from adapters.http.addresses.table import addresses
from adapters.http.describe import schemas
from adapters.http.describe.openapi import document
from adapters.wire.cloudevent import BATCH, STRUCTURED
from events.catalogue import publishable
from events.labels.table import labels
from projections.catalogue import CONTEXTS, READ_MODELS
from projections.read_model import ReadModel
from streams.publish.request import Admissible, IdentityConflict, Recorded, Refusal, Repeated, Retracted


def test_each_event_has_the_rules_that_judge_it_with_their_codes() -> None:
    found = schemas.of_events(labels("en"))
    for name, cls in publishable().items():
        told = found[f"event.{name}"]["x-rules"]
        assert {each["rule"]: each["codes"] for each in told} == {
            each.rule: each.codes for each in rules_of(cls)
        }
    told = found["event.roll.StudentEnrolled"]["x-rules"]
    assert {"already-on-a-roll"} == {
        code for each in told if each["rule"] == "roll.one_live_entry" for code in each["codes"]
    }


def made(models: Sequence[ReadModel[Any]]) -> dict[str, Any]:
    """Return the whole document, of an application that leaves nothing out."""
    handlers = Mock(models=models)
    return cast("dict[str, Any]", json.loads(json.dumps(document(addresses(handlers).all, models, "1.0"))))


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    return made(READ_MODELS)


def test_fields_columns_and_words_are_described(whole: dict[str, Any]) -> None:
    components = whole["components"]["schemas"]
    for name, schema in components.items():
        if name.startswith(("data.", "row.")):
            told = {each: its.get("description") for each, its in schema["properties"].items()}
            assert [each for each, text in told.items() if not text] == [], name
    entry = components["data.roll.StudentEnrolled"]["properties"]
    assert entry["district"]["description"].startswith("District: a district's code")
    stages = dict(zip(entry["stage"]["enum"], entry["stage"]["x-enum-descriptions"], strict=True))
    assert stages["lower-secondary"] == "Lower secondary"
    assert components["data.projects.ContractAwarded"]["properties"]["ground"]["description"].startswith(
        "Justification of the procedure"
    )
    assert components["Problem"]["properties"]["code"]["x-labels"]["on-leave"] == "On leave"


def test_the_document_is_valid() -> None:
    # Of all models it takes a minute; the address of a row and of the rows of a key are all there is.
    validate(made([each for each in READ_MODELS if each.name in {"students", "head-counts"}]))


def test_all_that_the_document_refers_to_is_there(whole: dict[str, Any]) -> None:
    places = set(re.findall(r'"#/components/(\w+)/([^"]+)"', json.dumps(whole)))
    assert {("schemas", "CloudEvent"), ("responses", "Refused")} <= places
    assert [each for each in sorted(places) if each[1] not in whole["components"][each[0]]] == []


def test_clients_have_one_name_for_each_operation_and_each_class(whole: dict[str, Any]) -> None:
    operations = [each for path in whole["paths"].values() for each in path.values()]
    ids = [each["operationId"] for each in operations]
    assert len(set(ids)) == len(ids)
    assert {"post_events", "get_students", "get_students_by_person", "get_index"} <= set(ids)
    titles = {
        name: schema["title"] for name, schema in whole["components"]["schemas"].items() if "title" in schema
    }
    assert titles == {name: name for name in titles}
    assert {"event.roll.StudentEnrolled", "row.students", "page.students", "Verdict"} <= set(titles)


def test_operations_are_grouped_by_context(whole: dict[str, Any]) -> None:
    for context, models in CONTEXTS.items():
        for model in models:
            assert whole["paths"][f"/{model.name}"]["get"]["tags"] == [context]


def test_each_type_chooses_the_event_that_it_names(whole: dict[str, Any]) -> None:
    either = whole["components"]["schemas"]["CloudEvent"]
    places = either["discriminator"]["mapping"]
    assert set(places) == set(publishable())
    assert [each["$ref"] for each in either["oneOf"]] == list(places.values())


@pytest.mark.parametrize(
    "verdict",
    [Recorded(1), Repeated(1), Retracted(1, 2), IdentityConflict(), Admissible(), Refusal("c", "s", "r")],
)
def test_each_verdict_is_as_described(whole: dict[str, Any], verdict: Any) -> None:
    schema = Draft202012Validator({"$ref": "#/components/schemas/Verdict", **whole})
    schema.validate(json.loads(msgspec.json.encode(verdict)))
    assert not schema.is_valid({"verdict": "unknown"})


def test_every_type_has_an_example_and_each_is_as_described(whole: dict[str, Any]) -> None:
    single, batch = (
        whole["paths"][path]["post"]["requestBody"]["content"] for path in ("/events", "/events/batch")
    )
    found = [each["value"] for each in single[STRUCTURED]["examples"].values()]
    assert {each["type"] for each in found} == set(publishable())
    assert found[:10] == batch[BATCH]["examples"]["beginning"]["value"]
    for each in found:
        place = f"#/components/schemas/event.{each['type']}"
        Draft202012Validator({"$ref": place, **whole}).validate(each)
