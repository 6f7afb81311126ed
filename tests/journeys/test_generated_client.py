"""A client that a generator makes of our document publishes every type of event, and reads every read model.

The examples of the document, sent in order to an empty log as they stand, are what there is to read.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http import HTTPStatus
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.http.describe.openapi import operation_id
from adapters.wire.cloudevent import STRUCTURED
from events.catalogue import publishable
from projections.catalogue import CONTEXTS

GENERATOR = "openapi-python-client==0.29.1"
"""Run apart by uv, since it needs an older Typer than we do."""

JAVA_GENERATOR = "org.openapitools:openapi-generator-cli:7.25.0"


@pytest.fixture(scope="module")
def document(at: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"http://{at}/openapi.json").json()
    return found


@pytest.fixture(scope="module")
def examples(document: dict[str, Any]) -> list[dict[str, Any]]:
    content = document["paths"]["/events"]["post"]["requestBody"]["content"]
    return [each["value"] for each in content[STRUCTURED]["examples"].values()]


@pytest.fixture(scope="module")
def head(at: str, examples: list[dict[str, Any]]) -> int:
    """Send the examples, and return the last position."""
    with httpx.Client(base_url=f"http://{at}", headers={"content-type": STRUCTURED}) as client:
        answers = [client.post("/events", json=each) for each in examples]
    assert [each.text for each in answers if each.status_code != HTTPStatus.CREATED] == []
    return int(answers[-1].json()["position"])


@pytest.fixture(scope="module")
def package(at: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Generate a client, and return the name of its package."""
    folder = tmp_path_factory.mktemp("generated")
    generate = ["openapi-python-client", "generate", "--url", f"http://{at}/openapi.json", "--meta", "none"]
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or "uv"
    ready = [uv, "tool", "run", "--from", GENERATOR]
    if subprocess.run([*ready, generate[0], "--version"], capture_output=True, check=False).returncode:
        pytest.skip(f"{GENERATOR} cannot be fetched")
    done = subprocess.run(
        [*ready, *generate, "--output-path", str(folder / "pujiang_client")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield "pujiang_client"
    sys.path.remove(str(folder))


def class_name(event: dict[str, Any]) -> str:
    return f"event{event['type']}".replace(".", "").casefold()


def test_the_examples_are_recorded_in_order_as_they_stand(head: int, examples: list[Any]) -> None:
    assert head >= len(examples)


def test_a_generated_client_publishes_every_type_of_event(
    at: str, package: str, examples: list[dict[str, Any]], head: int
) -> None:
    models = import_module(f"{package}.models")
    publish = import_module(f"{package}.api.events.post_events")
    # Personal data of an erased person is never taken again, not even the same.
    examples = [each for each in examples if each["id"] != "person-registered-0013"]
    classes: dict[str, Any] = {name.casefold(): cls for name, cls in vars(models).items()}
    known = (models.VerdictRepeated, models.VerdictRetracted)
    with import_module(f"{package}.client").Client(f"http://{at}") as client:
        for each in examples:
            event = classes[class_name(each)].from_dict(each)
            answer = publish.sync(client=client, body=event)
            # What went through the client's classes and came back is the event that was recorded before.
            assert isinstance(answer, known), answer.to_dict()
            assert answer.position <= head
        batch = import_module(f"{package}.api.events.post_events_batch")
        events = [classes[class_name(each)].from_dict(each) for each in examples]
        answer = batch.sync(client=client, body=events)
        assert all(isinstance(each, known) for each in answer.verdicts)
    assert {each["type"] for each in examples} == set(publishable())


def test_a_generated_client_reads_every_read_model(at: str, package: str, head: int) -> None:
    empty = []
    with import_module(f"{package}.client").Client(f"http://{at}") as client:
        for context, all_ in CONTEXTS.items():
            for model in all_:
                list_ = import_module(f"{package}.api.{context}.{operation_id('GET', f'/{model.name}')}")
                page = list_.sync(client=client, wait_for=head)
                assert type(page).__name__.casefold() == f"page{model.name}".replace("-", "").casefold()
                if not page.items:
                    empty.append(model.name)
                    continue
                key = [page.items[0].to_dict()[each] for each in model.key]
                path = "/".join([f"/{model.name}", *(f"{{{each}}}" for each in model.key)])
                one = import_module(f"{package}.api.{context}.{operation_id('GET', path)}")
                assert one.sync(*key, client=client) == page.items[0]
    assert len(empty) < len(CONTEXTS), empty


@pytest.mark.skipif(
    os.environ.get("CI") != "true" or not (shutil.which("mvn") and shutil.which("javac")),
    reason="generating and compiling a client in Java takes two minutes: done with CI=true, Maven and a JDK",
)
def test_a_client_in_java_is_generated_and_compiles(document: dict[str, Any], tmp_path: Path) -> None:
    described, client = tmp_path / "openapi.json", tmp_path / "client"
    described.write_text(json.dumps(document), encoding="utf-8")
    maven = ("mvn", "--quiet", "--batch-mode")
    run(*maven, "dependency:copy", f"-Dartifact={JAVA_GENERATOR}", f"-DoutputDirectory={tmp_path}")
    (jar,) = tmp_path.glob("*.jar")
    generate = ("generate", "-g", "java", "--library", "native", "-i", described, "-o", client)
    run("java", "-jar", jar, *generate, "--global-property", "apiTests=false,modelTests=false")
    run(*maven, f"--file={client / 'pom.xml'}", "-DskipTests", "compile")
    assert list(client.rglob("EventRollStudentEnrolled.class"))


def run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
