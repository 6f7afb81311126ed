"""A log that commands are typed on."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from adapters.cli.app import application
from adapters.contracts.codec import AvroCodec
from adapters.postgres.log.log import PostgresLog
from events.roll.schools import SchoolDetailsChanged, SchoolRegistered
from streams.scenario import at
from tests.adapters.cli.typed import Typed


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Take back what a command sets for its process: signal handlers, and how logs look."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
    structlog.reset_defaults()


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
    environment_ = {"DATABASE_URL": database_url, "PUJIANG_HOME": str(tmp_path)}

    def run(*arguments: str) -> tuple[int, str, str]:
        done = CliRunner().invoke(application(), arguments, env=environment_, catch_exceptions=False)
        return done.exit_code, done.stdout, done.stderr

    return run
