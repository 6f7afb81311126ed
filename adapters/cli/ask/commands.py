"""The commands of this room, as help shows them."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters.cli.command import Panel
from adapters.cli.options import AsJson, KnownAt, TrueAt, complete_model
from adapters.cli.variables import DATA

ask = Panel("Ask")


@ask.command("adapters.cli.ask.history:history", DATA)
def history(
    *,
    tag: Annotated[
        list[str] | None, typer.Option(help="KIND:VALUE; only events that carry all tags given.")
    ] = None,
    person: Annotated[str | None, typer.Option(help="Short for --tag person:NUMBER.")] = None,
    type: Annotated[  # noqa: A002 - the word that users know
        list[str] | None, typer.Option(help="Such as roll.StudentEnrolled; only events of the types given.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="Only events of this publisher.")] = None,
    after: Annotated[int, typer.Option(min=0, help="Only events after this position.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most this many events.")] = 100,
    backwards: Annotated[bool, typer.Option(help="Newest first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show events of the log, in order. Personal fields are opened with the keys of the key store."""


@ask.command("adapters.cli.ask.explain:explain", DATA)
def explain(
    model: Annotated[
        str, typer.Argument(help="A read model, such as students.", autocompletion=complete_model)
    ],
    key_: Annotated[
        list[str], typer.Argument(metavar="KEY", help="The key of the row, one part after the other.")
    ],
    *,
    known_at: KnownAt = None,
    true_at: TrueAt = None,
    as_json: AsJson = False,
) -> None:
    """Show which event last set each field of a row. Of each event: position, both times, and source."""
