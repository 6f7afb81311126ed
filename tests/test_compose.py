"""compose.yaml conforms to the Compose Specification, and starts what `make cluster` starts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

from adapters.cli.app import application
from adapters.kafka.jars import VERSION
from adapters.run.settings import read_settings

ROOT = Path(__file__).parents[1]
SCHEMA = ROOT / "tests/vendor/compose/compose_spec.json"


@pytest.fixture
def compose() -> Any:
    text = (ROOT / "compose.yaml").read_text()
    return yaml.safe_load(text.replace("${POSTGRES_PASSWORD:?give a password}", "secret"))


def test_it_is_valid(compose: Any) -> None:
    jsonschema.Draft201909Validator(json.loads(SCHEMA.read_text())).validate(compose)


def test_it_runs_commands_that_there_are(compose: Any) -> None:
    for service in compose["services"].values():
        if service["image"] == "pujiang":
            done = CliRunner().invoke(application(), [*service["command"].split(), "--help"])
            assert (done.exit_code, done.stderr) == (0, "")


def test_its_settings_can_be_read(compose: Any) -> None:
    settings = compose["services"]["worker"]["environment"]
    assert read_settings(settings).kafka.servers == ("127.0.0.1:9092",)


def test_the_broker_is_the_one_that_is_tested(compose: Any) -> None:
    assert compose["services"]["kafka"]["image"] == f"apache/kafka:{VERSION}"


def test_what_is_mounted_is_declared(compose: Any) -> None:
    mounted = {
        each.split(":")[0] for service in compose["services"].values() for each in service.get("volumes", ())
    }
    assert mounted == set(compose["volumes"])
