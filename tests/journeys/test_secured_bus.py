"""Kafka behind TLS, certificates and a password: all that connects gets in by the settings, and says so if it does not."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from adapters.kafka.clients import producer
from adapters.kafka.settings import read_kafka
from adapters.run.parts import open_parts
from streams.bus.topics import INBOX
from tests.adapters.kafka.forms import structured
from tests.bus.inbox import school
from tests.journeys.test_refused import eventually
from tests.logs.histories import rows
from tests.patience import PATIENCE
from tests.processes.authority import Authority
from tests.processes.brokers import PASSWORD, USER, secured
from tests.processes.server import PUJIANG, environment

FORMER = "a-former-password"
PLAN = ("topics", "plan")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, kafka_programs: Path) -> Iterator[Mapping[str, str]]:
    """The settings of a secured bus."""
    folder = tmp_path_factory.mktemp("secured")
    ours = Authority(folder, "ours")
    client = str(ours.issue("client"))
    with secured(folder, kafka_programs.parent, ours) as address:
        yield {
            "PUJIANG_KAFKA": address,
            "PUJIANG_KAFKA_SECURITY": "SASL_SSL",
            "PUJIANG_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
            "PUJIANG_KAFKA_USERNAME": USER,
            "PUJIANG_KAFKA_PASSWORD": PASSWORD,
            "PUJIANG_KAFKA_CA": str(ours.file),
            "PUJIANG_KAFKA_CERT": client,
            "PUJIANG_KAFKA_KEY": client,
        }


@pytest.fixture
def env(told: Mapping[str, str], database_url: str, tmp_path: Path) -> dict[str, str]:
    return environment(tmp_path) | {"DATABASE_URL": database_url} | dict(told)


def begun(env: Mapping[str, str], out: Path, *words: str) -> subprocess.Popen[bytes]:
    with out.open("wb") as said:
        return subprocess.Popen([PUJIANG, *words], env=env, stdout=said, stderr=said)


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "PLAIN"])
def test_what_is_sent_goes_all_the_way(env: dict[str, str], mechanism: str, tmp_path: Path) -> None:
    env |= {"PUJIANG_KAFKA_SASL_MECHANISM": mechanism, "PUJIANG_TOPICS": mechanism}
    assert begun(env, tmp_path / "topics", "topics", "apply").wait(PATIENCE) == 0
    outs = {name: tmp_path / name for name in ("relay", "inbox", "worker")}
    running = [begun(env, out, name) for name, out in outs.items()]
    try:
        value, headers = structured(school("s-1"))
        sending = producer(read_kafka(env))
        sending.send(f"{mechanism}.{INBOX}", value, headers=list(headers)).get(PATIENCE)
        sending.close()

        def names() -> list[str]:
            with open_parts(env["DATABASE_URL"]) as parts:
                return [str(key[0]) for key in rows(parts, "schools")] if parts.store.live() else []

        eventually(names, lambda found: found == ["s-1"])
    finally:
        for each in running:
            each.terminate()
        statuses = [each.wait(PATIENCE) for each in running]
    said = {name: out.read_text() for name, out in outs.items()}
    assert statuses == [0, 0, 0], said
    assert not any(PASSWORD in each or "Traceback" in each for each in said.values()), said


def test_who_is_not_let_in_says_so_in_one_sentence(env: dict[str, str], tmp_path: Path) -> None:
    former = {**env, "PUJIANG_KAFKA_PASSWORD": FORMER}
    trusting_nobody = {**env, "PUJIANG_KAFKA_CA": ""}
    nobody = {**env, "PUJIANG_KAFKA_CERT": "", "PUJIANG_KAFKA_KEY": ""}
    tried = [
        *(
            (former, words, "check the user name and the password")
            for words in (PLAN, ("relay",), ("inbox",), ("worker",))
        ),
        (trusting_nobody, PLAN, "certificate verify failed"),
        (nobody, PLAN, "certificate"),
    ]
    outs = [tmp_path / f"out-{number}" for number, _ in enumerate(tried)]
    running = [begun(env, out, *words) for out, (env, words, _) in zip(outs, tried, strict=True)]
    assert [each.wait(PATIENCE) for each in running] == [1] * len(running)
    for out, (_, _, sentence) in zip(outs, tried, strict=True):
        (line,) = out.read_text().splitlines()
        assert line.startswith(f"pujiang: Kafka at {env['PUJIANG_KAFKA']}: ")
        assert sentence in line
        assert FORMER not in line
