"""What all tests may lean on: a real server for each worker, an empty database for each test."""

import shutil
from collections.abc import Iterator
from itertools import count

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from adapters import embedded

_NUMBERS = count(1)
_SMALLER = {"max_wal_size": "1GB", "shared_buffers": "128MB", "max_connections": "100"}


@pytest.fixture(scope="session")
def database_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded.Server]:
    """One server for each worker: a shared one would go with the worker that happened to start it."""
    home = tmp_path_factory.mktemp("home")
    with embedded.start(home, _SMALLER) as server:
        yield server
    shutil.rmtree(home)


@pytest.fixture
def database_url(database_server: embedded.Server) -> Iterator[str]:
    """An empty database of the test's own."""
    name = f"test_{next(_NUMBERS)}"
    with psycopg.connect(database_server.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    yield make_conninfo(database_server.url, dbname=name)
    with psycopg.connect(database_server.url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
