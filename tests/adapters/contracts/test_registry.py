"""The registry over contracts of several versions: what is found, what is compatible, and what is refused with which code."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.contracts.published import Contract, differences, published
from adapters.contracts.registry import Candidate, Registry, RegistryRefusal

SUBJECT = "pujiang.roll.Moved"


def schema(*more: dict[str, Any], **changed: Any) -> dict[str, Any]:
    first = {"name": "person", "type": "string"}
    return {
        "type": "record",
        "name": "Moved",
        "namespace": "pujiang.roll",
        "fields": [first, *more],
        **changed,
    }


GRADE = {"name": "grade", "type": ["null", "long"], "default": None}
ONCE = {"name": "once", "type": "string", "default": ""}
REGISTRY = Registry(
    [
        Contract(1, "roll.Moved", 1, schema()),
        Contract(2, "roll.Other", 1, schema(name="Other")),
        Contract(3, "roll.Moved", 2, schema(GRADE)),
    ]
)


def candidate(told: Any, **more: Any) -> Candidate:
    return Candidate(told if isinstance(told, str) else json.dumps(told), **more)


def test_versions_are_found_by_subject_and_by_id() -> None:
    assert REGISTRY.subjects() == [SUBJECT, "pujiang.roll.Other"]
    assert REGISTRY.subjects("pujiang.roll.O") == ["pujiang.roll.Other"]
    assert [each.id for each in REGISTRY.versions(SUBJECT)] == [1, 3]
    assert [REGISTRY.version(SUBJECT, each).id for each in ("1", "2", "latest", "-1")] == [1, 3, 3, 3]
    assert [each.id for each in REGISTRY.contracts(newest=True)] == [3, 2]
    assert (REGISTRY.contract("2").type, REGISTRY.last_id) == ("roll.Other", 3)


def test_a_schema_is_the_same_however_it_is_written() -> None:
    long = {**GRADE, "type": ["null", {"type": "long"}]}
    spread = schema(long, name=SUBJECT)
    del spread["namespace"]
    assert REGISTRY.find(SUBJECT, candidate(spread)).id == 3
    assert REGISTRY.register(SUBJECT, candidate(spread, schema_type="AVRO", references=[])).id == 3


@pytest.mark.parametrize("version", ["0", "-2", "first", "", "1.0", "²", str(2**31), "9" * 5000])
def test_what_is_no_version_is_refused(version: str) -> None:
    assert code_of(lambda: REGISTRY.version(SUBJECT, version)) == 42202


def test_what_is_not_there_is_told_apart() -> None:
    assert code_of(lambda: REGISTRY.versions("pujiang.roll.None")) == 40401
    assert code_of(lambda: REGISTRY.version(SUBJECT, "3")) == 40402
    assert code_of(lambda: REGISTRY.contract("4")) == 40403
    assert code_of(lambda: REGISTRY.contract("one")) == 40403
    assert code_of(lambda: REGISTRY.find("pujiang.roll.None", candidate(schema()))) == 40401
    assert code_of(lambda: REGISTRY.find(SUBJECT, candidate(schema(ONCE)))) == 40403


def test_a_new_schema_is_for_a_release_and_an_incompatible_one_for_nobody() -> None:
    assert code_of(lambda: REGISTRY.register(SUBJECT, candidate(schema(GRADE, ONCE)))) == 42205
    assert code_of(lambda: REGISTRY.register("pujiang.roll.New", candidate(schema(name="New")))) == 42205
    assert code_of(lambda: REGISTRY.register(SUBJECT, candidate(schema(GRADE, name="New")))) == 409


def test_compatibility_is_held_to_all_versions_or_to_one() -> None:
    wide = {"name": "grade", "type": "double", "default": 0}
    assert REGISTRY.incompatible(SUBJECT, candidate(schema(GRADE, ONCE))) == []
    assert REGISTRY.incompatible(SUBJECT, candidate(schema(wide)), "1") == []
    assert REGISTRY.incompatible(SUBJECT, candidate(schema(wide)), "latest") == [
        "the type of 'grade' must be the same as in roll.Moved.2.avsc"
    ]
    assert len(REGISTRY.incompatible(SUBJECT, candidate('"string"'))) == 2
    assert REGISTRY.incompatible("pujiang.roll.None", candidate(schema())) == []
    assert code_of(lambda: REGISTRY.incompatible("pujiang.roll.None", candidate(schema()), "latest")) == 40401


def test_records_inside_gain_fields_with_a_default_too() -> None:
    def listing(*inner: dict[str, Any]) -> dict[str, Any]:
        item = {"type": "record", "name": "Item", "fields": list(inner)}
        return schema({"name": "items", "type": {"type": "array", "items": item}})

    name = {"name": "name", "type": "string"}
    old = Contract(1, "roll.Moved", 1, listing(name))
    assert differences(old, listing(name, ONCE)) == []
    assert differences(old, listing({"name": "name", "type": "long"})) == [
        f"the type of 'items.name' must be the same as in {old.file}"
    ]
    assert differences(old, listing(name, {"name": "more", "type": "string"})) == [
        f"'items.more' was added or removed without a default since {old.file}"
    ]


def holding(kind: Any) -> Any:
    """Return a schema with a field of this type."""
    return schema({"name": "held", "type": kind})


@pytest.mark.parametrize(
    "told",
    [
        *("", "{", "no", "null", "5", "{}", '{"type": "recrd"}', "[" * 100_000),
        *({"type": "record"}, schema(fields=5), schema(ONCE | {"default": 1}), schema(name=None)),
        {"__fastavro_parsed": True, "__named_schemas": {}, "type": "record"},
        *(schema(ONCE, ONCE), schema(ONCE | {"name": "9z"}), schema(name="9z"), schema(namespace="a.9z")),
        *(holding(["null", "null"]), holding(["null", ["int"]])),
        holding([{"type": "array", "items": "int"}, {"type": "array", "items": "long"}]),
        *(
            holding({"type": "fixed", "name": "F", "size": 0}),
            holding({"type": "map", "values": ["int", "int"]}),
        ),
        holding({"type": "array", "items": {"type": "record", "name": "Item", "fields": [ONCE, ONCE]}}),
        '{"type": "string", "type": "string"}',
    ],
)
def test_what_is_no_avro_schema_is_refused(told: Any) -> None:
    assert code_of(candidate(told).parsed) == 42201


def test_other_kinds_and_references_are_refused() -> None:
    assert code_of(candidate(schema(), schema_type="PROTOBUF").parsed) == 42201
    assert code_of(candidate(schema(), references=[{"name": "a"}]).parsed) == 42201


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.sampled_from(["record", "string", "array", "x.Y"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "name", "fields", "items", "values", "symbols", "default", "size"]),
            inner,
        )
    ),
    max_leaves=12,
)


@given(JSON)
@example(schema(fields=[{"name": "a", "type": "long"}] * 2))
@example(schema(fields=[]))
def test_any_schema_gets_an_answer_or_a_code(told: Any) -> None:
    assert code_of(lambda: REGISTRY.incompatible(SUBJECT, candidate(told))) in (None, 42201)
    assert code_of(lambda: REGISTRY.register(SUBJECT, candidate(told))) in (42201, 409)


def test_every_published_contract_is_compatible_with_itself() -> None:
    registry = Registry(published())
    for each in published():
        assert registry.incompatible(each.full_name, candidate(each.schema)) == []


def code_of(asked: Any) -> int | None:
    try:
        asked()
    except RegistryRefusal as refusal:
        return refusal.code
    return None
