"""`pujiang refused`: messages that the inbox has refused, and a second try for them."""

from __future__ import annotations

from rich.table import Table

from adapters.cli.settings import settings
from adapters.cli.terminal import console, fail, print_json
from adapters.postgres.refused import RefusedQuery
from adapters.run.refused import refused_inbox

MOST = 1_000_000


def list_(*, code: str | None, source: str | None, retried: bool, limit: int, as_json: bool) -> None:
    """Print refused messages."""
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


def retry(*, coordinates: list[str] | None, code: str | None, source: str | None) -> None:
    """Publish refused messages again."""
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
