"""`pujiang audit coverage`: was anything of the log skipped?"""

from __future__ import annotations

from typing import Any

import msgspec
import typer
from rich.table import Column, Table

from adapters.cli.app import console, errors, existing, fail, progress
from adapters.cli.options import AsJson
from adapters.run.site import site
from projections.catalogue import READ_MODELS
from streams.coverage.check import Coverage, Unread
from streams.coverage.check import coverage as stated


def coverage(*, as_json: AsJson = False) -> None:
    """Fold what read models have stated: up to where, by which code, what is held; exit status 1 if there is a gap."""
    with site(existing()) as opened, progress("statements") as (bar, task):
        head = opened.log.head()
        try:
            found = stated(
                opened.log,
                opened.codec,
                lambda done, total: bar.update(task, completed=done, total=total),
            )
        except Unread as error:
            raise fail(str(error)) from error
    told = [found.get(each.name) or Coverage(each.name) for each in READ_MODELS]
    if as_json:
        for each in told:
            typer.echo(msgspec.json.encode(_told(each)))
    else:
        _show(told)
    gaps = sum(bool(each.gaps) for each in told)
    held = sum(len(each.held) for each in told)
    summary = f"{len(told)} read models, {gaps} with gaps, {held} keys held; the log has {head} events"
    (errors if as_json else console).print(summary, highlight=False, soft_wrap=True)
    if gaps:
        raise typer.Exit(1)


def _told(each: Coverage) -> dict[str, Any]:
    return {
        "model": each.model,
        "upto": each.upto,
        "folded": each.folded,
        "gaps": [{"after": gap.after, "upto": gap.upto} for gap in each.gaps],
        "held": list(each.held.values()),
    }


def _show(told: list[Coverage]) -> None:
    table = Table("read model", "stated up to", Column("by", overflow="fold"), "gaps", "held")
    for each in told:
        by = "\n".join(f"{span.digest[:8]} {span.after + 1}..{span.upto}" for span in each.folded)
        gaps = "\n".join(f"{gap.after + 1}..{gap.upto}" for gap in each.gaps)
        held = "\n".join(
            f"{hold.tag or hold.key} from {hold.at}: {hold.cause}" for hold in each.held.values()
        )
        table.add_row(each.model, str(each.upto), by, gaps, held)
    console.print(table)
