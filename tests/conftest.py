"""Fixtures for all tests: a real server for each xdist worker, an empty database for each test."""

import os
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import msgspec
import pytest

from adapters.embedded import server as embedded
from adapters.kafka import broker, jars
from adapters.kafka.settings import Kafka
from tests.databases import new_database
from tests.processes.brokers import JAVA_OPTIONS, QUICK

_TOPICS = count(1)
_LACKING = jars.lacking()
_SMALLER = {"max_wal_size": "1GB", "shared_buffers": "128MB", "max_connections": "100"}
_NEVER_KILLED = {"fsync": "off", "full_page_writes": "off"}
"""Durability of what no test kills: those that kill a server start one of their own."""


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip tests that need Kafka if it is unavailable, in one line; in CI they fail instead."""
    if _LACKING and "kafka_programs" in getattr(item, "fixturenames", ()) and os.environ.get("CI") != "true":
        pytest.skip(_LACKING)


@pytest.fixture(scope="session")
def database_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded.Server]:
    """Start one server for each xdist worker: a shared one would end with the worker that started it."""
    home = tmp_path_factory.mktemp("home")
    with embedded.start(home, _SMALLER | _NEVER_KILLED) as server:
        yield server
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def template() -> str:
    """Return the name of the database that those of tests are copies of: an empty one."""
    return "template0"


@pytest.fixture
def database_url(database_server: embedded.Server, template: str) -> Iterator[str]:
    """Create a database for the test."""
    with new_database(database_server, template) as url:
        yield url


@pytest.fixture(scope="session")
def kafka_programs(request: pytest.FixtureRequest) -> Path:
    """Return the folder with the programs of Apache Kafka."""
    return jars.fetch(request.config.cache.mkdir("kafka"))


@pytest.fixture(scope="session")
def kafka_server(tmp_path_factory: pytest.TempPathFactory, kafka_programs: Path) -> Iterator[broker.Broker]:
    """Start one small broker for each xdist worker."""
    home = tmp_path_factory.mktemp("kafka")
    with broker.start(
        home, settings=QUICK, java_options=JAVA_OPTIONS, programs=kafka_programs.parent
    ) as running:
        yield running
    shutil.rmtree(home)


@pytest.fixture
def topic_prefix() -> str:
    """Return a prefix for the test's own topics."""
    return f"test-{next(_TOPICS)}"


@pytest.fixture
def bus(kafka_server: broker.Broker, topic_prefix: str) -> Kafka:
    """Return the settings of the test's own bus; its topics do not exist yet."""
    return msgspec.structs.replace(kafka_server.kafka, topics=topic_prefix)
