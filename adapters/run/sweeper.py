"""The sweeper: drops the tables that rebuilds have replaced."""

from __future__ import annotations

from functools import partial

from adapters.postgres.connections import OUTAGES
from adapters.process.loop import Loop, every
from adapters.run.parts import open_parts
from streams.project.rebuild import Rebuild

SECONDS = 300


def sweeper(url: str) -> Loop:
    """Return the loop that sweeps the read models of a database."""
    return Loop("sweeper", every(SECONDS, Rebuild(partial(open_parts, url)).sweep), SECONDS, OUTAGES)
