"""The figure of freshness over the bus: from publishing through the log, the relay and a worker to the read models."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.kafka.broker import free_port
from bench.board import SlowestBoard
from bench.figure import CORES, Figure
from bench.place import Place
from bench.processes import PUJIANG, await_assigned, running
from bench.serving import await_open
from bench.visible import paced, told
from streams.bus.topics import kinds

MOST = 500


def visible_over_the_bus(place: Place) -> Iterator[Figure]:
    """Measure the same batches of 10 every 10 ms; visible is what all partitions of all read models have reached."""
    port = free_port()
    kafka = place.bus()
    serve = [*PUJIANG, "serve", "--no-projector", "--port", str(port)]
    with place.database("bench_visible_bus") as url, running(place, url, kafka, serve) as (api,):
        await_open(port, api.check)
        with running(place, url, kafka, [*PUJIANG, "relay"], [*PUJIANG, "worker"]) as (_, worker):
            await_assigned([worker], sum(kinds().values()))
            delays, asked = paced(f"127.0.0.1:{port}", url, SlowestBoard)
    yield told(
        "publish to visible through log, relay and worker at 1,000 events/s, p99",
        MOST,
        delays,
        asked,
        f"{CORES} cores for API, relay, worker, broker, client and PostgreSQL together",
    )
