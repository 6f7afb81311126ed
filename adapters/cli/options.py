"""Options and arguments that several commands take."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer


def read_moment(text: str) -> int:
    """Read an option that is a time or a day; return microseconds since 1970 UTC."""
    from events.clock import read_time  # noqa: PLC0415 - help reads no times

    try:
        return read_time(text)
    except (ValueError, OverflowError) as error:
        detail = f"{text!r}: give a time such as 2024-09-01T12:00:00Z, or a date"
        raise typer.BadParameter(detail) from error


def complete_model(incomplete: str) -> Iterator[str]:
    """Give the read models whose names begin so."""
    from projections.catalogue import READ_MODELS  # noqa: PLC0415 - help does not list them

    return (each.name for each in READ_MODELS if each.name.startswith(incomplete))


KnownAt = Annotated[
    int | None, typer.Option(parser=read_moment, metavar="TIME", help="As it was known at this time.")
]
TrueAt = Annotated[
    int | None,
    typer.Option(
        parser=read_moment, metavar="TIME", help="As it was at this time, by what had occurred until then."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Models = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[MODEL]...", help="Read models; all if none is given.", autocompletion=complete_model
    ),
]
Processes = Annotated[int, typer.Option(min=1, max=64, help="How many processes to fold with.")]
Keys = Annotated[
    list[str] | None,
    typer.Option("--key", help="A verifier key, of a log or of a witness; may be repeated."),
]
PolicyFile = Annotated[
    Path | None,
    typer.Option(help="A policy (c2sp.org/tlog-policy): logs, witnesses, and the quorum of witnesses."),
]
