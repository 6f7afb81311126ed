"""`pujiang cluster`: broker, API, relay and workers on this machine, as they would run on many."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters.cli.app import console, errors, settings, told_to_stop
from adapters.run import cluster as clusters

ADDRESSES = """
  {at}/status                     how far the relay and the workers are
  {at}/students?sort=-since       what the workers fold
  {at}/asyncapi.json              the topics at {kafka}
"""


def cluster(
    *,
    workers: Annotated[int, typer.Option(min=1, max=64, help="So many workers.")] = 2,
    sample_city: Annotated[bool, typer.Option(help="Fill an empty log with a generated city.")] = False,
) -> None:
    """Start a broker, the API, the relay and workers on this machine; Ctrl-C or SIGTERM stops them all."""
    found = settings()
    stop = told_to_stop()
    errors.print("database and broker are being started", style="dim")

    def ready(port: int, kafka: str) -> None:
        at = f"{'https' if found.tls_cert else 'http'}://{found.host}:{port}"
        console.print(f"{workers} workers fold", ADDRESSES.format(at=at, kafka=kafka), highlight=False)

    clusters.run(found, stop, workers=workers, sample_city=sample_city, ready=ready)
