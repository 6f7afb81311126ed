"""`pujiang serve`: everything on one machine."""

from __future__ import annotations

from adapters.cli.settings import settings
from adapters.cli.terminal import console, progress
from adapters.run.address import local, published
from adapters.run.rebuild import bring_up
from adapters.run.sample_city import EVENTS, fill_apart
from adapters.run.serve import application
from adapters.run.server import bind, run
from adapters.run.site import Site, database, site_on

ADDRESSES = """
  {at}/docs                       every address, to try out
  {at}/schools?limit=3            the school database
  {at}/students?sort=-since       the student database
  {at}/events?limit=5             the log
  {at}/checkpoint                 the log's signed head
  {at}/metrics                    figures for monitoring
"""


def serve(*, projector: bool, sample_city: bool, trust_clock: bool) -> None:
    """Run everything on this machine, until Ctrl-C or SIGTERM."""
    found = settings()
    with (
        bind(found.host, found.port) as address,
        database(found) as base,
        site_on(found, base.url, vouched=trust_clock) as opened,
    ):
        if sample_city:
            _fill(opened)
        _bring_up(opened.url)
        with application(opened, fold=projector) as app:
            scheme = "https" if found.tls_cert else "http"
            port = address.getsockname()[1]
            at = f"{scheme}://{found.host}:{port}"
            console.print(f"Pujiang answers on {at}", ADDRESSES.format(at=at))
            with published(found.home, local(scheme, found.host, port)):
                run(app, found, address, base.tend)


def _fill(opened: Site) -> None:
    """Fill an empty log, or continue after an interruption: recorded events are not recorded again."""
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
