"""`pujiang serve`: everything on one machine, in one command."""

from __future__ import annotations

import signal
from typing import Annotated

import typer

from adapters.cli.app import console, progress, settings
from adapters.sample import EVENTS, fill_apart
from adapters.serve import application, bring_up, run
from adapters.wiring import Site, database, site_on

ADDRESSES = """
  http://{at}/docs                       every address, to be tried
  http://{at}/schools?limit=3            the school database
  http://{at}/students?sort=-since       the student database
  http://{at}/events?limit=5             the log
  http://{at}/metrics                    what to watch
"""


def serve(
    *,
    port: Annotated[int | None, typer.Option(min=1, max=65_535, help="Instead of PUJIANG_PORT.")] = None,
    projector: Annotated[
        bool, typer.Option(help="Fold read models here; without it workers do (pujiang worker).")
    ] = True,
    sample_city: Annotated[bool, typer.Option(help="Fill an empty log with a generated city.")] = False,
) -> None:
    """Start the database, bring the read models up to date, follow the log and answer on HTTP."""
    found = settings()
    # Until the server answers signals itself, SIGTERM ends the start as Ctrl-C does: in order.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with database(found) as base, site_on(found, base.url) as opened:
        if sample_city:
            _fill(opened)
        _bring_up(opened.url)
        with application(opened, projector=projector) as app:
            chosen = port or found.port
            at = f"{found.host}:{chosen}"
            console.print(f"Pujiang answers on http://{at}", ADDRESSES.format(at=at), highlight=False)
            run(app, found, chosen, base.tend)


def _fill(opened: Site) -> None:
    """Fill an empty log, or go on where a start was interrupted: what was recorded is not doubled."""
    begun = opened.settings.home / "sample-city.begun"
    if opened.log.head() > 0 and not begun.exists():
        return
    begun.touch()
    with progress("sample city", EVENTS) as (bar, task):
        fill_apart(opened.settings, opened.url, lambda count: bar.advance(task, count))
        bar.update(task, total=bar.tasks[0].completed)
    begun.unlink()


def _bring_up(url: str) -> None:
    with progress("read models") as (bar, task):
        bring_up(url, lambda done, total: bar.update(task, completed=done, total=total))
