"""The command line over a log: what it shows, and that what it cannot do is told in one line."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import psycopg
import pytest
import typer
from typer.testing import CliRunner

from adapters.cli import commands
from adapters.contracts.codec import AvroCodec
from adapters.postgres.log.log import PostgresLog
from adapters.run.address import published
from events.roll.schools import SchoolDetailsChanged, SchoolRegistered
from streams.scenario import at
from tests.processes.server import PUJIANG, environment

LOOKING = (
    ["status"],
    ["history"],
    ["replay"],
    ["rebuild"],
    ["new-log-id"],
    ["retry", "schools"],
    ["explain", "schools", "s"],
    ["verify"],
    ["keys", "show"],
    ["keys", "rotate"],
    ["erasure", "certificate", "p"],
    ["audit", "export", "--tag", "school:s"],
)

Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(database_url: str, tmp_path: Path) -> Typed:
    """Type a command on a log with one school, which was renamed; return status, output and errors."""
    log, codec = PostgresLog(database_url), AvroCodec()
    events = [
        SchoolRegistered(
            "s", "First", "d", ["primary"], id="1", source="urn:test", occurred_at=at("2024-09-01")
        ),
        SchoolDetailsChanged("s", "Second", id="2", source="urn:test", occurred_at=at("2025-09-01")),
    ]
    log.append([codec.propose(each) for each in events])
    log.close()
    app = typer.Typer()
    commands.register(app)
    environment_ = {"DATABASE_URL": database_url, "PUJIANG_HOME": str(tmp_path)}

    def run(*arguments: str) -> tuple[int, str, str]:
        done = CliRunner().invoke(app, arguments, env=environment_, catch_exceptions=False)
        return done.exit_code, done.stdout, done.stderr

    return run


def test_history_is_shown(typed: Typed) -> None:
    status, out, _ = typed("history", "--tag", "school:s", "--backwards", "--limit", "1", "--json")
    assert (status, json.loads(out)["data"]["name"]) == (0, "Second")
    status, out, _ = typed("history", "--tag", "school:s")
    assert "roll.SchoolRegistered from urn:test" in out
    assert typed("history", "--person", "nobody") == (0, "", "no events\n")


def test_a_row_is_explained_as_of_a_time(typed: Typed) -> None:
    now, then = (
        json.loads(typed("explain", "schools", "s", "--json", *more)[1])["fields"]["name"]
        for more in ((), ("--true-at", "2024-12-31"))
    )
    assert (now["value"], now["set_by"]["position"]) == ("Second", 2)
    assert (then["value"], then["set_by"]["position"]) == ("First", 1)
    assert "roll.SchoolDetailsChanged at 2" in typed("explain", "schools", "s")[1]
    for option in ("--true-at", "--known-at"):
        status, _, error = typed("explain", "schools", "s", option, "2023-12-31")
        assert (status, error) == (1, "pujiang: schools had no row s then\n")


@pytest.mark.parametrize(
    "arguments,status,part",
    [
        (["history", "--tag", "foo"], 2, "is not a tag"),
        (["history", "--type", "foo"], 2, "the types are "),
        (["explain", "nope", "s"], 2, "the read models are "),
        (["explain", "schools", "s", "t"], 2, "the key of schools consists of school"),
        (["explain", "head-counts", "s", "d", "primary", "x", "2024-09-01"], 2, "not a whole number"),
        (["explain", "schools", "t"], 1, "schools has no row t"),
        (["retry", "schools"], 1, "no live table"),
        (["replay", "schools"], 1, "schools"),
        (["publish", "/nowhere"], 2, "there is no file"),
        (["backup", "a", "b"], 1, "that server's own physical backup"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    typed: Typed, arguments: list[str], status: int, part: str
) -> None:
    found, _, error = typed(*arguments)
    assert (found, error.splitlines()[-1].startswith("pujiang: ")) == (status, True)
    assert part in error.splitlines()[-1]


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
    app = typer.Typer()
    commands.register(app)
    (tmp_path / "events.jsonl").write_text('{"id": "1"}\n')

    def publish() -> tuple[int, str]:
        env = {"PUJIANG_HOME": str(tmp_path), "PUJIANG_PORT": "1", "PUJIANG_URL": ""}
        done = CliRunner().invoke(app, ["publish", str(tmp_path / "events.jsonl")], env=env)
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


@pytest.mark.parametrize("arguments", LOOKING, ids=" ".join)
def test_who_only_looks_begins_no_log(arguments: list[str], tmp_path: Path) -> None:
    app = typer.Typer()
    commands.register(app)
    home = tmp_path / "home"
    done = CliRunner().invoke(app, arguments, env={"PUJIANG_HOME": str(home), "DATABASE_URL": ""})
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)
    assert f"there is no log in {home}" in done.stderr
    assert not home.exists()


@pytest.mark.parametrize("arguments", LOOKING, ids=" ".join)
def test_nor_does_it_in_a_database_of_others(arguments: list[str], database_url: str, tmp_path: Path) -> None:
    app = typer.Typer()
    commands.register(app)
    env = {"PUJIANG_HOME": str(tmp_path / "home"), "DATABASE_URL": database_url}
    done = CliRunner().invoke(app, arguments, env=env)
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)
    assert "there is no log in this database" in done.stderr
    with psycopg.connect(database_url) as connection:
        schemas = connection.execute("SELECT to_regnamespace('log'), to_regnamespace('read')").fetchall()
    assert schemas == [(None, None)]


def test_an_address_that_is_taken_is_told_before_anything_begins(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [PUJIANG, "serve", "--port", str(port)],
            env=environment(tmp_path / "home"),
            capture_output=True,
            check=False,
            text=True,
        )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"pujiang: cannot listen on 127.0.0.1:{port}: Address already in use\n"
    assert not (tmp_path / "home").exists()


def test_a_certificate_of_who_was_not_erased_and_one_that_is_none(typed: Typed, tmp_path: Path) -> None:
    status, _, told = typed("erasure", "certificate", "p-1")
    assert (status, told) == (1, "pujiang: person:p-1 was not erased\n")
    file = tmp_path / "certificate"
    file.write_text("nothing of the kind")
    key = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    status, _, told = typed("erasure", "check", str(file), "--key", key)
    assert (status, "this is not a signed note" in told) == (1, True)
    status, _, told = typed("erasure", "check", str(file), "--key", "none")
    assert (status, "is not a verifier key" in told) == (2, True)


def test_without_a_key_encryption_key_there_is_nothing_to_rotate(typed: Typed) -> None:
    status, _, told = typed("keys", "rotate-kek")
    assert (status, "there is no key-encryption key" in told) == (1, True)
