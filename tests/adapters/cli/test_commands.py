"""The command line over a log: what it shows, and that what it cannot do is told in one line."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from adapters.cli.app import application
from tests.adapters.cli.typed import Typed
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


@pytest.mark.parametrize("arguments", LOOKING, ids=" ".join)
def test_who_only_looks_begins_no_log(arguments: list[str], tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = CliRunner().invoke(application(), arguments, env={"PUJIANG_HOME": str(home), "DATABASE_URL": ""})
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)
    assert f"there is no log in {home}" in done.stderr
    assert not home.exists()


@pytest.mark.parametrize("arguments", LOOKING, ids=" ".join)
def test_nor_does_it_in_a_database_of_others(arguments: list[str], database_url: str, tmp_path: Path) -> None:
    env = {"PUJIANG_HOME": str(tmp_path / "home"), "DATABASE_URL": database_url}
    done = CliRunner().invoke(application(), arguments, env=env)
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


def test_without_a_key_encryption_key_there_is_nothing_to_rotate(typed: Typed) -> None:
    status, _, told = typed("keys", "rotate-kek")
    assert (status, "there is no key-encryption key" in told) == (1, True)
