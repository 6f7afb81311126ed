"""`pujiang refused`: messages that the inbox has refused, and a second try for them."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from adapters.cli.options import AsJson
from adapters.cli.settings import settings
from adapters.cli.terminal import console, fail, print_json
from adapters.postgres.refused import RefusedQuery
from adapters.run.refused import refused_inbox

MOST = 1_000_000

Code = Annotated[str | None, typer.Option(help="Only messages refused with this code.")]
Source = Annotated[str | None, typer.Option(help="Only messages of this source.")]
Coordinates = Annotated[
    list[str] | None,
    typer.Argument(metavar="COORDINATES", help="Messages by their place, as `list` shows it: TOPIC/0/17."),
]


def list_(
    *,
    code: Code = None,
    source: Source = None,
    retried: Annotated[bool, typer.Option(help="Include messages that have been published again.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="At most this many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List refused messages and the reasons, the oldest first. Sealed contents are opened."""
    with refused_inbox(settings()) as opened:
        rows = opened.rows(RefusedQuery(code=code, source=source, retried=retried, limit=limit))
        found = opened.opened(rows)
    if as_json:
        for each in found:
            print_json(each)
        return
    names = ("coordinates", "code", "sentence", "source", "id", "type", "refused_at", "recorded")
    table = Table(*(name.replace("_", " ") for name in names))
    for each in found:
        table.add_row(*("" if each[name] is None else str(each[name]) for name in names))
    console.print(table)


def retry(
    coordinates: Coordinates = None,
    *,
    code: Code = None,
    source: Source = None,
) -> None:
    """Publish refused messages to the inbox again, as they were sent.

    Name messages by their coordinates, or choose all of a code or a source.
    """
    if not (coordinates or code or source):
        raise fail("choose messages: give coordinates, --code or --source", 2)
    with refused_inbox(settings()) as opened:
        wanted = opened.rows(
            RefusedQuery(places=coordinates, code=code, source=source, retried=bool(coordinates), limit=MOST)
        )
        if missing := set(coordinates or ()) - {row.coordinates for row in wanted}:
            raise fail(
                f"there is no refused message at {', '.join(sorted(missing))}: see `pujiang refused list`"
            )
        done = opened.publish_again(wanted)
    console.print(f"{done} messages published again")
    if left := len(wanted) - done:
        raise fail(f"{left} messages cannot be published again: their contents were not kept")
