"""The loop that keeps the name index, in the process that opens seals."""

from __future__ import annotations

from adapters.keys.fault import KeyStoreFault
from adapters.postgres.connections import OUTAGES
from adapters.postgres.read.names import PostgresNames
from adapters.process.loop import Loop, every
from adapters.run.site import Site
from streams.finding.name_index import NameIndex

EVERY_SECONDS = 0.25
"""How soon a name is found, and how soon an erased one is not."""


def names(site: Site) -> Loop:
    """Return the loop that follows the log's names."""
    tables = PostgresNames(site.url)
    index = NameIndex(site.log, site.codec, site.sealer, tables)

    def step() -> None:
        index.step()

    return Loop(
        "names", every(EVERY_SECONDS, step), EVERY_SECONDS, (*OUTAGES, KeyStoreFault), last=tables.close
    )
