"""Upstream sends to the inbox; what is refused is seen on the command line and over HTTP, and sent again."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec

from adapters.kafka.clients import producer
from adapters.kafka.settings import Kafka
from streams.bus.topics import INBOX
from tests.adapters.kafka.forms import structured
from tests.bus.inbox import details, person, school
from tests.patience import PATIENCE
from tests.processes.server import PUJIANG, environment, serving


def ran(environment_: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PUJIANG), *words],
        env=environment_,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def eventually(look: Callable[[], Any], wanted: Callable[[Any], bool]) -> Any:
    deadline = time.monotonic() + PATIENCE
    while not wanted(found := look()):
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    return found


def test_what_is_refused_is_looked_at_and_sent_again(bus: Kafka, tmp_path: Path) -> None:
    environment_ = environment(tmp_path / "home") | {
        "PUJIANG_KAFKA": bus.servers[0],
        "PUJIANG_TOPICS": bus.topics,
        "PUJIANG_INBOX_PATIENCE": "0",
    }
    assert ran(environment_, "topics", "apply").returncode == 0
    with serving(environment_, tmp_path / "out") as at, (tmp_path / "inbox").open("wb") as told:
        taking = subprocess.Popen([str(PUJIANG), "inbox"], env=environment_, stdout=told, stderr=told)
        try:
            out = producer(bus)

            def send(*sent: dict[str, Any]) -> None:
                for each in sent:
                    value, headers = structured(each)
                    out.send(f"{bus.topics}.{INBOX}", value, partition=2, headers=list(headers)).get(PATIENCE)

            send(details("s", "d-1", "新名"), person("p"), details("t", "d-2", "别名"))
            page = eventually(
                lambda: httpx.get(
                    f"http://{at}/refused?code=unknown-school&limit=1", timeout=PATIENCE
                ).json(),
                lambda found: bool(found["items"]),
            )
            (item,) = page["items"]
            assert item["coordinates"] == f"{bus.topics}.inbox/2/0"
            assert (item["id"], item["sentence"]) == ("d-1", "no school s is registered")
            (other,) = httpx.get(
                f"http://{at}/refused", params={"cursor": page["next"]}, timeout=PATIENCE
            ).json()["items"]
            assert (other["id"], other["recorded"]) == ("d-2", None)
            sealed = httpx.get(f"http://{at}/refused?sealed=true", timeout=PATIENCE).json()["items"][0]
            assert (sealed["value"], "registered" in sealed["sentence"]) == (None, True)
            assert (
                httpx.get(f"http://{at}/refused?nope=1", timeout=PATIENCE).json()["code"] == "bad-parameter"
            )

            send(school("s"))
            eventually(
                lambda: httpx.get(f"http://{at}/schools/s", timeout=PATIENCE).status_code,
                lambda code: code == 200,
            )
            assert "d-1" in ran(environment_, "refused", "list", "--source", "urn:test").stdout
            retried = ran(environment_, "refused", "retry", item["coordinates"])
            assert (retried.returncode, retried.stdout) == (0, "1 messages published again\n"), retried.stderr
            eventually(
                lambda: httpx.get(f"http://{at}/schools/s", timeout=PATIENCE).json()["name"],
                lambda name: name == "新名",
            )
            lines = ran(environment_, "refused", "list", "--json", "--retried").stdout.splitlines()
            first, second = (msgspec.json.decode(line) for line in lines)
            assert (first["id"], first["recorded"], first["retried_at"] is None) == ("d-1", 3, False)
            assert (second["id"], second["recorded"], second["retried_at"]) == ("d-2", None, None)
            assert msgspec.json.decode(first["value"])["data"]["name"] == "新名"
            out.close()

            status = msgspec.json.decode(ran(environment_, "status", "--json").stdout)["inbox"]
            assert status == {
                "taken": 5, "recorded": 3, "repeated": 0, "refused": 2, "waiting": 0, "lag": 0
            }  # fmt: skip
            shown = ran(environment_, "status").stdout
            assert "relay: 0 position, 3 lag" in shown
            assert "inbox: 5 taken, 3 recorded, 0 repeated, 2 refused" in shown
            eventually(
                lambda: httpx.get(f"http://{at}/metrics", timeout=PATIENCE).text,
                lambda text: (
                    'pujiang_inbox_recorded{partition="2"} 3.0' in text and "pujiang_relay_lag 3.0" in text
                ),
            )
        finally:
            taking.terminate()
            status_ = taking.wait(PATIENCE)
    said = (tmp_path / "inbox").read_text()
    assert status_ == 0, said
    assert "inbox-refused" in said
    assert "Traceback" not in said
    assert not any(each in said for each in ("新名", "别名", "王小明"))
    missing = ran(environment_, "refused", "retry", "nowhere/0/1")
    assert (missing.returncode, missing.stderr.count("\n")) == (1, 1)
    assert "no refused message at nowhere/0/1" in missing.stderr


def test_without_kafka_it_is_said_in_one_sentence(tmp_path: Path) -> None:
    environment_ = environment(tmp_path / "home")
    for words in (("inbox",), ("refused", "list"), ("refused", "retry", "--code", "clash")):
        done = ran(environment_, *words)
        assert (done.returncode, done.stdout) == (1, "")
        assert (
            done.stderr
            == "pujiang: PUJIANG_KAFKA is not set: give the address of Kafka, such as 127.0.0.1:9092\n"
        )
    assert ran(environment_, "refused", "retry").returncode == 2
    with serving(environment_, tmp_path / "out") as at:
        answer = httpx.get(f"http://{at}/refused", timeout=PATIENCE)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown-address")
