"""Whatever fits the OpenAPI document, and what does not, is answered as the document says, and never by a fault."""

from __future__ import annotations

import subprocess
from itertools import islice
from pathlib import Path

import httpx

from adapters.upstream import lines
from adapters.upstream.city import city
from tests.patience import PATIENCE
from tests.processes.server import PUJIANG, environment, serving

SECONDS, PEOPLE, EVENTS = 30, 60, 1_500
# Not `positive_data_acceptance`: which parameters go together (sum and by, a cursor and its query) no schema says.
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,negative_data_rejection,unsupported_method"
)
ENDLESS = "/stream$"


def test_the_api_keeps_to_its_own_description(tmp_path: Path) -> None:
    with serving(environment(tmp_path / "home"), tmp_path / "out") as at:
        sample = b"[" + b",".join(islice(lines(city(PEOPLE, 1)), EVENTS)) + b"]"
        answer = httpx.post(
            f"http://{at}/events",
            content=sample,
            headers={"content-type": "application/cloudevents-batch+json"},
            timeout=PATIENCE,
        )
        head = max(verdict["position"] for verdict in answer.json()["verdicts"])
        assert httpx.get(f"http://{at}/persons?limit=1&wait_for={head}", timeout=PATIENCE).is_success
        command = [str(PUJIANG.with_name("st")), "run", f"http://{at}/openapi.json"]
        bounds = ["--max-time", str(SECONDS), "--max-examples", "3", "--seed", "1", "--request-timeout", "10"]
        what = ["--phases", "coverage,fuzzing", "--checks", CHECKS, "--exclude-path-regex", ENDLESS]
        done = subprocess.run(
            [*command, *bounds, *what, "--no-color", "--continue-on-failure", "--warnings", "off"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "request_failed" not in (tmp_path / "out").read_text()
