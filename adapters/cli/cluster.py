"""`pujiang cluster`: broker, API, relay, inbox and workers on this machine, as they would run on many."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters.cli.settings import settings
from adapters.cli.terminal import console, errors, stop_signal
from adapters.run import cluster as clusters

ADDRESSES = """
  {at}/status                     how far the relay and the workers are
  {at}/students?sort=-since       a read model that the workers fold
  {at}/asyncapi.json              the topics at {kafka}
"""


def cluster(
    *,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many workers to start.")] = 2,
    sample_city: Annotated[bool, typer.Option(help="Fill an empty log with a generated city.")] = False,
) -> None:
    """Start broker, API, relay, inbox and workers on this machine. Ctrl-C or SIGTERM stops them all."""
    found = settings()
    stop = stop_signal()
    errors.print("starting the database and the broker", style="dim")

    def ready(port: int, kafka: str) -> None:
        at = f"{'https' if found.tls_cert else 'http'}://{found.host}:{port}"
        console.print(f"{workers} workers fold", ADDRESSES.format(at=at, kafka=kafka))

    clusters.run(found, stop, workers=workers, sample_city=sample_city, ready=ready)
