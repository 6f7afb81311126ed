"""To which system `pujiang publish` sends."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from typer.testing import CliRunner

from adapters.cli.app import application
from adapters.run.address import published


class _System(BaseHTTPRequestHandler):
    """A system that records all that it is sent."""

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
        answer = json.dumps({"verdicts": [{"verdict": "recorded"} for _ in sent]}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_events_are_published_to_the_system_of_the_data_home_and_to_no_other(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_text('{"id": "1"}\n')

    def publish() -> tuple[int, str]:
        env = {"PUJIANG_HOME": str(tmp_path), "PUJIANG_PORT": "1", "PUJIANG_URL": ""}
        done = CliRunner().invoke(application(), ["publish", str(tmp_path / "events.jsonl")], env=env)
        return done.exit_code, " ".join(done.output.split())

    status, told = publish()
    assert (status, f"no system runs in {tmp_path}" in told) == (2, True)
    with HTTPServer(("127.0.0.1", 0), _System) as system:
        threading.Thread(target=system.serve_forever).start()
        address = f"http://127.0.0.1:{system.server_port}"
        with published(tmp_path, address):
            status, told = publish()
        system.shutdown()
    assert (status, f"publishing to {address}" in told, "1 recorded" in told) == (0, True, True)
    assert publish()[0] == 2
