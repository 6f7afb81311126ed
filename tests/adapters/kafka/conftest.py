"""A bus with topics, and a log to relay to it."""

from collections.abc import Iterator

import pytest

from adapters.contracts.codec import AvroCodec
from adapters.kafka.settings import Kafka
from adapters.postgres.log.log import PostgresLog
from tests.bus.topics import make_topics


@pytest.fixture
def made_bus(bus: Kafka) -> Kafka:
    """A bus of the test's own, with its topics."""
    make_topics(bus)
    return bus


@pytest.fixture
def log(database_url: str) -> Iterator[PostgresLog]:
    opened = PostgresLog(database_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def codec() -> AvroCodec:
    return AvroCodec()
