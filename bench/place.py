"""The place where figures are taken: a database server, a scratch folder, and a sample city that is made once."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import psycopg
from msgspec import structs
from psycopg.conninfo import make_conninfo

from adapters.embedded import server as embedded
from adapters.kafka import broker
from adapters.kafka.clients import admin
from adapters.kafka.settings import Kafka
from adapters.kafka.topics import carry_out, compare
from adapters.run.sample_city import fill_apart
from adapters.run.settings import Settings, read_settings
from streams.bus.topics import topics

PROGRAMS = Path(__file__).with_name("scratch") / "kafka"
"""The folder that keeps Apache Kafka's programs once they are fetched."""
CITY = "bench_city"


class Place:
    """A server, at `server`, and a folder, in which figures make their own databases and data homes."""

    def __init__(self, server: str, folder: Path, stack: ExitStack) -> None:
        self.server, self.folder, self._stack = server, folder, stack
        self._numbers = count(1)
        self._city: Settings | None = None
        self._broker: broker.Broker | None = None
        self._kept: dict[str, str] = {}

    @contextmanager
    def database(self, name: str, template: str = "template0") -> Iterator[str]:
        """Yield the address of a database that lasts for one benchmark."""
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
            connection.execute("CHECKPOINT")
        yield make_conninfo(self.server, dbname=name)
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def kept(self, name: str, make: Callable[[str], None]) -> str:
        """Return the address of a database that is made once and lasts until the run ends."""
        if name not in self._kept:
            self._kept[name] = self._stack.enter_context(self.database(name))
            make(self._kept[name])
        return self._kept[name]

    def bus(self) -> Kafka:
        """Return a bus with all topics, still empty; its broker is started once a run. Raises KafkaFault."""
        if self._broker is None:
            begun = broker.start(self.folder, programs=PROGRAMS)
            self._broker = self._stack.enter_context(begun)
        kafka = structs.replace(self._broker.kafka, topics=f"bench-{next(self._numbers)}")
        with admin(kafka) as client:
            carry_out(client, compare(client, topics(kafka.topics)))
        return kafka

    def settings(self) -> Settings:
        """Return settings with a new data home, whose keys have never been used."""
        home = self.folder / f"home-{next(self._numbers)}"
        home.mkdir()
        return read_settings({"PUJIANG_HOME": str(home)})

    def city(self) -> Settings:
        """Return the settings that open the sample city's log, in the database CITY, which is made once a run."""
        if self._city is None:
            self._city = self.settings()
            with psycopg.connect(self.server, autocommit=True) as connection:
                connection.execute(f"DROP DATABASE IF EXISTS {CITY} WITH (FORCE)")
                connection.execute(f"CREATE DATABASE {CITY} TEMPLATE template0")
            fill_apart(self._city, make_conninfo(self.server, dbname=CITY), lambda _: None)
        return self._city

    def declared(self) -> str:
        """Return the most important settings of the server."""
        with psycopg.connect(self.server) as connection:
            names = ("shared_buffers", "max_wal_size", "fsync")
            told = (connection.execute(f"SHOW {each}").fetchone() for each in names)
            return ", ".join(f"{name} {row[0]}" for name, row in zip(names, told, strict=True) if row)


@contextmanager
def opened() -> Iterator[Place]:
    """Open a place on the server that DATABASE_URL names, or else on an embedded one."""
    with tempfile.TemporaryDirectory() as home, ExitStack() as server, ExitStack() as databases:
        folder = Path(home)
        url = os.environ.get("DATABASE_URL") or server.enter_context(embedded.start(folder)).url
        yield Place(url, folder, databases)
