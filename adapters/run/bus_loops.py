"""The loops beside the server that look at the bus."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.http.observe import Metrics
from adapters.process.loop import Loop
from adapters.run.bus_state import inbox_watch, relay_watch
from adapters.run.refused import refused_rows
from adapters.run.site import Site


def bus_loops(site: Site, metrics: Metrics) -> Iterator[Loop]:
    """Yield the loops that keep refused messages in the database, and watch inbox and relay."""
    yield refused_rows(site)
    yield inbox_watch(site, metrics.set_inbox)
    yield relay_watch(site, metrics.set_relay)
