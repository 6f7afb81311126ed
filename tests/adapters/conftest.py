"""Logs to test against."""

from collections.abc import Iterator

import pytest

from adapters.postgres.log.log import PostgresLog
from tests.logs.memory_log import MemoryLog


@pytest.fixture(params=["memory", "postgres"])
def log(request: pytest.FixtureRequest) -> Iterator[MemoryLog | PostgresLog]:
    """Each of the logs in turn, empty."""
    if request.param == "memory":
        yield MemoryLog()
        return
    postgres = PostgresLog(request.getfixturevalue("database_url"))
    yield postgres
    postgres.close()
