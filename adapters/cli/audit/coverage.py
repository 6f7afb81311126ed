"""`pujiang audit coverage`: whether read models have skipped anything of the log."""

from __future__ import annotations

from typing import Any

import typer
from rich.table import Column, Table

from adapters.cli.settings import existing
from adapters.cli.terminal import console, errors, fail, print_json, progress
from adapters.run.site import site
from projections.catalogue import READ_MODELS
from streams.coverage.check import Coverage, Unread
from streams.coverage.check import coverage as stated


def coverage(*, as_json: bool) -> None:
    """Print the coverage of each read model."""
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
    all_ = [found.get(each.name) or Coverage(each.name) for each in READ_MODELS]
    if as_json:
        for each in all_:
            print_json(_as_json(each))
    else:
        _show(all_)
    gaps = sum(bool(each.gaps) for each in all_)
    held = sum(len(each.held) for each in all_)
    summary = f"{len(all_)} read models, {gaps} with gaps, {held} keys held back; the log has {head} events"
    (errors if as_json else console).print(summary, soft_wrap=True)
    if gaps:
        raise typer.Exit(1)


def _as_json(each: Coverage) -> dict[str, Any]:
    return {
        "model": each.model,
        "upto": each.upto,
        "folded": each.folded,
        "gaps": [{"after": gap.after, "upto": gap.upto} for gap in each.gaps],
        "held": list(each.held.values()),
    }


def _show(all_: list[Coverage]) -> None:
    table = Table("read model", "stated up to", Column("by", overflow="fold"), "gaps", "held")
    for each in all_:
        by = "\n".join(f"{span.digest[:8]} {span.after + 1}..{span.upto}" for span in each.folded)
        gaps = "\n".join(f"{gap.after + 1}..{gap.upto}" for gap in each.gaps)
        held = "\n".join(
            f"{hold.tag or hold.key} from {hold.at}: {hold.cause}" for hold in each.held.values()
        )
        table.add_row(each.model, str(each.upto), by, gaps, held)
    console.print(table)
