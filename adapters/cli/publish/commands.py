"""The commands of this room, as help shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from adapters.cli.command import Panel
from adapters.cli.variables import HOME

publish = Panel("Publish")
import_ = publish.group("import", "Import data sets of other systems.")

Url = Annotated[
    str | None,
    typer.Option(
        envvar="PUJIANG_URL", help="Address of the running system; default: that of the data home's own."
    ),
]
Ca = Annotated[
    Path | None,
    typer.Option(
        envvar="PUJIANG_CA", help="PEM file of the authority that has issued the server's certificate."
    ),
]
Cert = Annotated[
    Path | None, typer.Option(envvar="PUJIANG_CERT", help="PEM file with our own certificate and key.")
]


@publish.command("adapters.cli.publish.events:publish", HOME, "publish")
def publish_events(
    file: Annotated[str, typer.Argument(help="JSON Lines of CloudEvents; - for standard input.")],
    url: Url = None,
    batch: Annotated[int, typer.Option(min=1, max=10_000, help="Events per request.")] = 1000,
    *,
    encoding: Annotated[
        Literal["utf-8", "gb18030"], typer.Option(help="Encoding of the file; a byte-order mark is left out.")
    ] = "utf-8",
    ca: Ca = None,
    cert: Cert = None,
) -> None:
    """Publish a file of CloudEvents to a running system.

    This is safe to repeat: events that are already recorded are not recorded again. Refused events are written with
    their reasons to FILE.refused.jsonl, and the exit status is 1.
    """


@publish.command("adapters.cli.publish.simulate:simulate")
def simulate(
    people: Annotated[
        int, typer.Option(min=20, max=5_000_000, help="How many people live in the city.")
    ] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same city.")] = 2018,
    out: Annotated[Path | None, typer.Option(help="File to write; default standard output.")] = None,
) -> None:
    """Write the events of a sample city, as a file for `pujiang publish`.

    The file has JSON Lines of CloudEvents, over several years.
    """


@import_.command("adapters.cli.publish.events:import_oulad", HOME)
def oulad(
    folder: Annotated[Path, typer.Argument(help="Folder with the four CSV files of the data set.")],
    url: Url = None,
    ca: Ca = None,
    cert: Cert = None,
) -> None:
    """Import the Open University Learning Analytics Dataset. docs/oulad.md describes what becomes which event."""
