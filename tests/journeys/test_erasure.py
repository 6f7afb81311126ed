"""Somebody is erased: a canary is nowhere in clear before, nothing opens it afterwards, and nobody else notices."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, LiteralString

import httpx
import psycopg

from adapters.embedded.server import start
from projections.catalogue import READ_MODELS
from tests.adapters.http.conftest import registered
from tests.journeys.test_kill_points import KILLED, await_death
from tests.logs.cloudevents import event
from tests.patience import PATIENCE
from tests.processes.kill_points import ERASING, ask
from tests.processes.server import environment, serving, typed

CANARY = "金丝雀canary-7f3a91c2"
BATCH = {"content-type": "application/cloudevents-batch+json"}
ROOT = Path(__file__).parent.parent.parent
STEP = re.compile(r"^```sh erasure\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
SHOWN = re.compile(r"^```text\n(.*?)^```\n", re.MULTILINE | re.DOTALL)


class Served:
    """A system on a data home, and what lies there."""

    def __init__(self, folder: Path) -> None:
        self.home, self.out, self.at = folder / "home", folder / "out", ""
        self.environment = environment(self.home) | {"PUJIANG_CHECKPOINT_SECONDS": "1"}

    def send(self, *events: dict[str, Any]) -> httpx.Response:
        return httpx.post(
            f"http://{self.at}/events", content=json.dumps(events), headers=BATCH, timeout=PATIENCE
        )

    def admitted(self, *events: dict[str, Any]) -> None:
        answer = self.send(*events)
        assert [each["verdict"] for each in answer.json()["verdicts"]] == ["recorded"] * len(events)

    def get(self, address: str) -> httpx.Response:
        return httpx.get(f"http://{self.at}/{address}", timeout=PATIENCE)

    def until(self, address: str, text: str = "") -> httpx.Response:
        """Ask until it is answered, with this text in it."""
        deadline = time.monotonic() + PATIENCE
        while not ((found := self.get(address)).is_success and text in found.text):
            assert time.monotonic() < deadline, found.text
            time.sleep(0.05)
        return found

    def holding(self, *wanted: bytes) -> list[str]:
        """Return the files of the data home, and of what the server has said, that have one of these in them."""
        found = []
        for file in [*self.home.rglob("*"), self.out]:
            with suppress(FileNotFoundError, OSError):
                content = file.read_bytes() if file.is_file() else b""
                found += [str(file) for each in wanted if each in content]
        return found

    def rows(self) -> Iterator[tuple[str, str]]:
        """Give all rows of all read models but those of who is erased."""
        for model in READ_MODELS:
            for line in self.get(f"{model.name}/export").text.splitlines():
                if '"p-1"' not in line:
                    yield model.name, line

    def wrapped(self, person: str = "p-1") -> bytes:
        query = "SELECT wrapped FROM data_keys WHERE (person, retention) = (?, 'person')"
        with closing(sqlite3.connect(self.home / "keys/keys.db")) as database:
            return bytes(database.execute(query, (person,)).fetchone()[0])

    def query(self, text: LiteralString) -> Any:
        with psycopg.connect(start(self.home).url, autocommit=True) as connection:
            cursor = connection.execute(text)
            return cursor.fetchone() if cursor.description else None


def forms(text: str) -> tuple[bytes, ...]:
    """Return what text may lie in a file as."""
    raw = text.encode()
    return raw, raw.hex().encode(), text.encode("utf-16-le"), b64encode(raw)[:-4]


ERASED = event("e", "identity.PersonErased", person="p-1", request="urn:test#a")


def test_a_canary_is_gone_and_nobody_else_notices(tmp_path: Path) -> None:
    city = Served(tmp_path)
    certificate = tmp_path / "certificate"
    with serving(city.environment, city.out) as city.at:
        city.admitted(
            registered("p-1", CANARY, birth_date="1987-06-05"),
            registered("p-2", "李雷"),
            event("c", "identity.PersonDetailsCorrected", person="p-1", name=f"{CANARY}二"),
            event("a", "identity.ErasureRequested", person="p-1", by="person", ground="consent-withdrawn"),
        )
        assert city.until("persons/p-1?wait_for=4").json()["name"] == f"{CANARY}二"
        (entry,) = city.query("SELECT entry FROM log.entries WHERE position = 1")
        assert city.holding(*forms(CANARY)) == []
        city.query("CHECKPOINT")
        assert city.holding(*forms(CANARY)) == []
        wrapped = city.wrapped()
        assert city.holding(wrapped)
        rows = list(city.rows())
        assert any("李雷" in line for _, line in rows)
        root = city.get("proof/consistency?from=4").json()["to_root"]

        city.admitted(ERASED)
        certificate.write_text(city.until("erasure/p-1/certificate").text)
        assert city.holding(wrapped, *forms(CANARY)) == []
        city.query("CHECKPOINT")
        assert city.holding(wrapped, *forms(CANARY)) == []
        assert city.until("persons/p-1?wait_for=5").json()["name"] is None
        assert city.get("events/1").json()["data"]["name"] is None
        assert list(city.rows()) == rows
        city.until("metrics", "pujiang_erasures_position 5.0")
        grown = city.get("proof/consistency?from=4").json()
        assert (grown["from"], grown["from_root"]) == (4, root)
        assert city.query("SELECT entry FROM log.entries WHERE position = 1") == (entry,)
        again = event("n", "identity.PersonDetailsCorrected", person="p-1", name="谁")
        assert city.send(again).json()["errors"][0]["code"] == "erased"
        asked = event("b", "identity.ErasureRequested", person="p-1", by="person", ground="unlawful")
        assert city.send(asked).json()["verdicts"][0]["code"] == "person-erased"

    assert city.holding(wrapped, *forms(CANARY)) == []
    typed(".venv/bin/pujiang verify", city.environment)
    assert "0 rows differ" in typed(".venv/bin/pujiang replay", city.environment)
    assert_docs_tell_it(city, tmp_path)
    keys = typed(".venv/bin/pujiang keys show", city.environment)
    key = next(line for line in keys.splitlines() if line.count("+") > 1)
    nowhere = environment(tmp_path / "nowhere")
    told = typed(f".venv/bin/pujiang erasure check {certificate} --key '{key}'", nowhere)
    assert "unreadable: position 3, identity.PersonDetailsCorrected: name" in told


def test_killed_while_it_erases_it_goes_on(tmp_path: Path) -> None:
    city, kept = Served(tmp_path), b""
    for number, point in enumerate((*ERASING, "")):
        with serving(city.environment, city.out, program=KILLED) as city.at:
            if number:
                city.until(f"erasure/p-{number - 1}/certificate")
                assert city.holding(kept) == []
            if point:
                person = f"p-{number}"
                asked = event(
                    f"a-{number}", "identity.ErasureRequested", person=person, by="person", ground="other"
                )
                city.admitted(registered(person), asked)
                kept = city.wrapped(person)
                death = ask(city.home, point, "process")
                with suppress(httpx.TransportError):
                    city.send(
                        event(
                            f"e-{number}",
                            "identity.PersonErased",
                            person=person,
                            request=f"urn:test#a-{number}",
                        )
                    )
                await_death(death)


def assert_docs_tell_it(city: Served, folder: Path) -> None:
    """Type what docs/erasure.md says, which ends with a rotation of the key-encryption key."""
    page = (ROOT / "docs/erasure.md").read_text(encoding="utf-8")
    kek = city.home / "keys/kek"
    old = kek.read_bytes()
    keys = typed(".venv/bin/pujiang keys show", city.environment)
    key = next(line for line in keys.splitlines() if line.count("+") > 1)
    told = typed(
        "\n".join(STEP.findall(page)),
        city.environment | {"CERTIFICATE": str(folder / "made"), "LOG_KEY": key},
    )
    for line in SHOWN.search(page)[1].splitlines():  # type: ignore[index]
        assert re.search(".*".join(map(re.escape, line.split("…"))), told), line
    assert kek.read_bytes() != old
    assert city.holding(old) == []
