"""Figures of `pujiang serve` on the sample city: item queries against a bare application, and memory."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import psycopg

from bench.figure import Figure, in_turn, rate
from bench.place import CITY, Place
from bench.serving import app, memory, pujiang
from bench.wire import Client, exchange_all, get

CONNECTIONS = 4
ROUNDS, REQUESTS = 25, 1600


def items_and_memory(place: Place) -> Iterator[Figure]:
    """Measure after a first start on a city's log, so that memory includes the leftovers of building read models."""
    settings = place.city()
    with place.database("bench_items", CITY) as url, pujiang(settings, url) as served:
        keys = persons(url)
        with app("bare", settings, url) as bare:
            before = served.cpu_seconds(), bare.cpu_seconds()
            ours, theirs = in_turn(ROUNDS, Asking(served.at, keys), Asking(bare.at, keys))
            used = [
                (each.cpu_seconds() - begun) / ROUNDS / REQUESTS * 1e6
                for each, begun in zip((served, bare), before, strict=True)
            ]
        yield Figure(
            name="item query over HTTP, against bare Starlette and psycopg with the same SQL",
            unit="requests/s",
            figure=ours,
            yardstick=theirs,
            target=">= 0.9",
            note=f"GET /students/{{person}}, {CONNECTIONS} connections, one server process each, "
            f"which use {used[0]:.0f} against {used[1]:.0f} µs of CPU a request",
        )
        yield memory(served, "at the sample city, after building its read models and 40,000 item queries")


def persons(url: str) -> list[str]:
    """Return the numbers of some pupils."""
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT table_name FROM read.models WHERE name = 'students'").fetchone()
        assert found
        query = psycopg.sql.SQL("SELECT person FROM {} ORDER BY random() LIMIT 5000")
        table = psycopg.sql.Identifier("read", found[0])
        return [person for (person,) in connection.execute(query.format(table))]


class Asking:
    """Requests random pupils over a few connections, one request at a time on each."""

    def __init__(self, at: str, keys: Sequence[str]) -> None:
        self._clients = [Client(at) for _ in range(CONNECTIONS)]
        self._requests = [get(at, f"/students/{key}") for key in keys]
        self._chance = random.Random(0)

    def __call__(self) -> float:
        asked = self._chance.choices(self._requests, k=REQUESTS)
        return rate(REQUESTS, lambda: exchange_all(self._clients, asked))
