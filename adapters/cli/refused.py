"""`pujiang refused list|retry`: messages of the inbox that are not in the log, why, and once more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import msgspec
import typer
from msgspec import Struct
from rich.table import Table

from adapters.cli.app import console, fail, settings
from adapters.cli.look import AsJson
from adapters.kafka.clients import connection
from adapters.kafka.refused.again import publish_again
from adapters.kafka.refused.feed import feed
from adapters.kafka.settings import Kafka
from adapters.postgres.refused import RefusedQuery, RefusedTable
from adapters.run.site import Site, site
from adapters.wire.refused import RefusedRow, as_objects
from streams.bus.topics import INBOX

MOST = 1_000_000

Code = Annotated[str | None, typer.Option(help="Only what was refused with this code.")]
Source = Annotated[str | None, typer.Option(help="Only what this source has sent.")]
Places = Annotated[
    list[str] | None,
    typer.Argument(metavar="[COORDINATES]...", help="Where it is, as list tells: TOPIC/0/17."),
]


class _Opened(Struct):
    """What the commands stand on."""

    site: Site
    kafka: Kafka
    table: RefusedTable

    def rows(self, wanted: RefusedQuery) -> list[RefusedRow]:
        """Return the rows that are wanted of this inbox."""
        return self.table.rows(f"{self.kafka.topics}.{INBOX}", wanted)


@contextmanager
def _opened() -> Iterator[_Opened]:
    """Open what the commands stand on, with the rows brought up to the topic."""
    found = settings()
    connection(found.kafka)  # before a database is started for nothing
    with site(found) as opened, RefusedTable(opened.url) as table:
        with feed(found.kafka, table) as rows:
            rows.catch_up()
        yield _Opened(opened, found.kafka, table)


def list_(
    *,
    code: Code = None,
    source: Source = None,
    retried: Annotated[bool, typer.Option(help="Also what has been retried.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="At most so many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Tell which messages of the inbox were refused, the oldest first, and why; sealed ones are opened."""
    with _opened() as opened:
        rows = opened.rows(RefusedQuery(code=code, source=source, retried=retried, limit=limit))
        found = as_objects(opened.site.log, opened.site.sealer.open_batch, rows)
    if as_json:
        for each in found:
            typer.echo(msgspec.json.encode(each))
        return
    names = ("coordinates", "code", "sentence", "source", "id", "type", "refused_at", "recorded")
    table = Table(*(name.replace("_", " ") for name in names))
    for each in found:
        table.add_row(*("" if each[name] is None else str(each[name]) for name in names))
    console.print(table)


def retry(
    places: Places = None,
    *,
    code: Code = None,
    source: Source = None,
) -> None:
    """Publish refused messages to the inbox again, as they were sent: those named, or all of a code or a source."""
    if not (places or code or source):
        raise fail("say which messages: their coordinates, --code or --source", 2)
    with _opened() as opened:
        wanted = opened.rows(
            RefusedQuery(places=places, code=code, source=source, retried=bool(places), limit=MOST)
        )
        if missing := set(places or ()) - {row.coordinates for row in wanted}:
            raise fail(f"no refused message is at {', '.join(sorted(missing))}; see 'pujiang refused list'")
        done = publish_again(opened.kafka, opened.site.sealer.open_batch, wanted)
    console.print(f"{done} messages published again")
    if left := len(wanted) - done:
        raise fail(f"of {left} nothing was kept that could be published again")
