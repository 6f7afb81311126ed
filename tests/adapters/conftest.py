"""Logs to test against."""

from collections.abc import Iterator

import pytest

from adapters.memory_log import MemoryLog
from adapters.postgres.log import PostgresLog


@pytest.fixture(params=["memory", "postgres"])
def log(request: pytest.FixtureRequest) -> Iterator[MemoryLog | PostgresLog]:
    """Each of the logs in turn, empty."""
    if request.param == "memory":
        yield MemoryLog()
        return
    postgres = PostgresLog(request.getfixturevalue("database_url"))
    yield postgres
    postgres.close()
