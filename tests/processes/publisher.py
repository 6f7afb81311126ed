"""A publisher for journeys: sends a city, records the answers, and checks afterwards that they are true."""

from __future__ import annotations

import subprocess
import time
from itertools import islice
from pathlib import Path

import httpx
import msgspec

from adapters.embedded import server as embedded
from adapters.postgres.log.log import PostgresLog
from adapters.upstream import lines
from adapters.upstream.city import city
from events.entry import parse
from streams.coverage.statements import SOURCE
from tests.patience import PATIENCE
from tests.processes.server import PUJIANG, environment

PEOPLE, BATCH = 300, 100
TYPE = {"content-type": "application/cloudevents-batch+json"}


class Publisher:
    """Sends a city in batches to wherever the system currently answers."""

    def __init__(self, seed: int, people: int = PEOPLE) -> None:
        self._walking = lines(city(people, seed))
        self.at = ""
        self.acknowledged: dict[tuple[str, str], int] = {}

    def run(self) -> None:
        """Send the whole city."""
        while part := self.next():
            self.send(part)

    def next(self, size: int = BATCH) -> list[bytes]:
        """Return the next events to be sent."""
        return list(islice(self._walking, size))

    def send(self, part: list[bytes]) -> set[str]:
        """Send a batch until it is acknowledged; return the distinct verdicts."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if words := self.post(part):
                    return words
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise TimeoutError("the system did not come back")

    def post(self, part: list[bytes]) -> set[str]:
        """Send a batch once; return the distinct verdicts, none if it is to be sent again."""
        answer = httpx.post(
            f"http://{self.at}/events", content=b"[" + b",".join(part) + b"]", headers=TYPE, timeout=10
        )
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            assert int(answer.headers["retry-after"]) > 0
            return set()
        assert answer.is_success, answer.text
        verdicts = answer.json()["verdicts"]
        for line, verdict in zip(part, verdicts, strict=True):
            assert verdict["verdict"] in {"recorded", "repeated", "retracted"}, verdict
            event = msgspec.json.decode(line)
            self.acknowledged[event["source"], event["id"]] = verdict["position"]
        return {"recorded" if each["verdict"] == "recorded" else "repeated" for each in verdicts}

    def await_read(self) -> None:
        """Wait until the read models have all acknowledged events."""
        head, deadline = max(self.acknowledged.values()), time.monotonic() + PATIENCE
        query = f"http://{self.at}/persons?limit=1&wait_for={head}"
        while not (answer := httpx.get(query, timeout=10)).is_success:
            assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE, answer.text
            assert time.monotonic() < deadline, answer.text
            time.sleep(0.05)

    def check(self, home: Path) -> None:
        """Assert that the log holds what was acknowledged, once and without gaps, and that rows equal a fresh fold."""
        with embedded.start(home) as server:
            log = PostgresLog(server.url)
            stored = [each for batch in log.tail(0, log.head(), ()) for each in batch]
            log.close()
        assert [each.position for each in stored] == list(range(1, len(stored) + 1))
        headers = [parse(each.entry) for each in stored]
        found = {(each.source, each.id): position for position, each in enumerate(headers, 1)}
        assert len(found) == len(stored), "an event is there twice"
        sent = {identity: position for identity, position in found.items() if identity[0] != SOURCE}
        assert sent == self.acknowledged
        replayed = subprocess.run(
            [PUJIANG, "replay"], env=environment(home), capture_output=True, text=True, check=False
        )
        assert replayed.returncode == 0, replayed.stdout[-2000:] + replayed.stderr[-2000:]
