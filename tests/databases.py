"""Databases of tests, each on the server of its xdist worker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from adapters.embedded import server as embedded

_NUMBERS = count(1)


@contextmanager
def new_database(server: embedded.Server, template: str = "template0") -> Iterator[str]:
    """Give the address of a new database, a copy of another one, which is gone afterwards."""
    name = f"test_{next(_NUMBERS)}"
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield make_conninfo(server.url, dbname=name)
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def name_of(url: str) -> str:
    """Return the name of a database."""
    return str(conninfo_to_dict(url)["dbname"])
