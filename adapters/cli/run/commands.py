"""The commands of this room, as help shows them."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters.cli.command import Panel
from adapters.cli.variables import BUS, DATA, HOME, PATIENCE, PROOF, SERVER

run = Panel("Run")

SampleCity = Annotated[bool, typer.Option(help="Fill an empty log with a generated city.")]


@run.command("adapters.cli.run.serve:serve", (*PROOF, *SERVER, *BUS))
def serve(
    *,
    projector: Annotated[
        bool, typer.Option(help="Fold read models here, or leave them to `pujiang worker`.")
    ] = True,
    sample_city: SampleCity = False,
    trust_clock: Annotated[
        bool,
        typer.Option("--trust-clock", help="The log has stood still for over 400 days: the clock is right."),
    ] = False,
) -> None:
    """Start everything on this machine: database, read models, projector and HTTP API.

    Ctrl-C or SIGTERM stops it all.
    """


@run.command("adapters.cli.run.cluster:cluster", (*PROOF, *SERVER, *BUS, *PATIENCE))
def cluster(
    *,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many workers to start.")] = 2,
    sample_city: SampleCity = False,
) -> None:
    """Start broker, API, relay, inbox and workers on this machine. Ctrl-C or SIGTERM stops them all."""


@run.command("adapters.cli.run.relay:relay", (*DATA, *BUS))
def relay() -> None:
    """Relay the log to Kafka until Ctrl-C or SIGTERM. If two run, only the one that was started last goes on."""


@run.command("adapters.cli.run.inbox:inbox", (*PROOF, *BUS, *PATIENCE))
def inbox() -> None:
    """Take in what publishers send to the inbox on Kafka, until Ctrl-C or SIGTERM. Several share its partitions."""


@run.command("adapters.cli.run.worker:worker", (*DATA, *BUS))
def worker() -> None:
    """Fold what the relay sends into the read models, until Ctrl-C or SIGTERM. Several workers share the work."""


@run.command("adapters.cli.run.kafka:kafka", (*HOME, *BUS))
def kafka() -> None:
    """Start one Kafka broker on this machine, for development.

    Apache Kafka is downloaded first if it is missing. The broker keeps its data in the data home, and stops at Ctrl-C
    or SIGTERM.
    """
