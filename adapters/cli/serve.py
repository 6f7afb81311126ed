"""`pujiang serve`: everything on one machine, in one command."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters.cli.app import console, progress, settings
from adapters.run.sample_city import EVENTS, fill_apart
from adapters.run.serve import application, bind, bring_up, run
from adapters.run.site import Site, database, site_on

ADDRESSES = """
  {at}/docs                       every address, to be tried
  {at}/schools?limit=3            the school database
  {at}/students?sort=-since       the student database
  {at}/events?limit=5             the log
  {at}/checkpoint                 the log's signed head
  {at}/metrics                    what to watch
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
    with (
        bind(found.host, found.port if port is None else port) as address,
        database(found) as base,
        site_on(found, base.url) as opened,
    ):
        if sample_city:
            _fill(opened)
        _bring_up(opened.url)
        with application(opened, projector=projector) as app:
            scheme = "https" if found.tls_cert else "http"
            at = f"{scheme}://{found.host}:{address.getsockname()[1]}"
            console.print(f"Pujiang answers on {at}", ADDRESSES.format(at=at), highlight=False)
            run(app, found, address, base.tend)


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
