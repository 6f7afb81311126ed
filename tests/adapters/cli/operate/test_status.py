"""`pujiang status` is short if all is well."""

from __future__ import annotations

import json

import psycopg
import pytest

from adapters.run.parts import open_parts
from projections.catalogue import READ_MODELS
from streams.project.projector import Projector
from streams.project.rebuild import Rebuild
from tests.adapters.cli.typed import Typed


@pytest.fixture
def built(typed: Typed, database_url: str) -> Typed:
    """Type a command on a log whose read models are built."""
    with open_parts(database_url) as parts:
        Rebuild(lambda: open_parts(database_url)).bring_up(READ_MODELS)
        Projector(parts.log, parts.codec, parts.store, READ_MODELS).step()
    return typed


def test_it_is_short_if_all_is_well(built: Typed) -> None:
    status, told, _ = built("status")
    head, models = told.splitlines()
    assert (status, head.startswith("log "), head.endswith(": 2 events")) == (0, True, True)
    assert models == f"{len(READ_MODELS)} read models, at most 0 events behind"


def test_all_of_it_is_shown_on_request(built: Typed) -> None:
    told = built("status", "--all")[1]
    assert [each.name for each in READ_MODELS if f" {each.name} " not in told] == []


def test_read_models_that_are_not_there_are_shown(typed: Typed) -> None:
    told = typed("status")[1]
    assert f"{len(READ_MODELS)} read models, at most 2 events behind" in told
    assert [each.name for each in READ_MODELS if f" {each.name} " not in told] == []


def test_what_is_held_back_is_shown(built: Typed, database_url: str) -> None:
    held = "INSERT INTO read.held (model, tag, tag_text, occurred_at, position, type, reason) VALUES (%s, 1, 'school:s', 1, 1, 't', 'r')"
    with psycopg.connect(database_url) as connection:
        connection.execute(held, ["schools"])
    assert " schools " in built("status")[1]
    assert json.loads(built("status", "--json")[1])["projections"]["schools"]["held"] == 1
