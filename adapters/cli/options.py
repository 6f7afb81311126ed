"""Options and arguments that several commands take, and how they are read."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from adapters.cli.terminal import fail
from events.clock import read_time
from projections.catalogue import READ_MODELS
from projections.read_model import ReadModel


def read_moment(text: str) -> int:
    """Read an option that is a time or a day; return microseconds since 1970 UTC."""
    try:
        return read_time(text)
    except (ValueError, OverflowError) as error:
        detail = f"{text!r}: give a time such as 2024-09-01T12:00:00Z, or a date"
        raise typer.BadParameter(detail) from error


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
    list[str] | None, typer.Argument(metavar="MODEL", help="Read models; all if none is given.")
]
Processes = Annotated[int, typer.Option(min=1, max=64, help="How many processes to fold with.")]


def model_named(name: str) -> ReadModel[Any]:
    """Return the read model of a name; fail if there is none, and list those that there are."""
    for each in READ_MODELS:
        if each.name == name:
            return each
    known = ", ".join(sorted(each.name for each in READ_MODELS))
    raise fail(f"there is no read model {name}: the read models are {known}", 2)


def models_named(named: list[str] | None) -> list[ReadModel[Any]]:
    """Return the read models of these names, or all of them if no name is given."""
    return [model_named(each) for each in named] if named else list(READ_MODELS)


def to_seconds(when: datetime | str) -> str:
    """Return a time to the second, in UTC."""
    at = datetime.fromisoformat(when) if isinstance(when, str) else when
    return f"{at:%Y-%m-%d %H:%M:%SZ}"
