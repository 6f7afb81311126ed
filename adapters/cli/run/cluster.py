"""`pujiang cluster`: broker, API, relay, inbox and workers on this machine, as they would run on many."""

from __future__ import annotations

import threading

from adapters.cli.settings import settings
from adapters.cli.terminal import console, errors, stop_signal
from adapters.run import cluster as clusters

ADDRESSES = """
  {at}/status                     how far the relay and the workers are
  {at}/students?sort=-since       a read model that the workers fold
  {at}/asyncapi.json              the topics at {kafka}
"""


def cluster(*, workers: int, sample_city: bool) -> None:
    """Run a cluster on this machine, until Ctrl-C or SIGTERM."""
    found = settings()
    errors.print("starting the database and the broker", style="dim")

    def ready(port: int, kafka: str) -> threading.Event:
        at = f"{'https' if found.tls_cert else 'http'}://{found.host}:{port}"
        stop = stop_signal()
        console.print(f"{workers} workers fold", ADDRESSES.format(at=at, kafka=kafka))
        return stop

    clusters.run(found, workers=workers, sample_city=sample_city, ready=ready)
