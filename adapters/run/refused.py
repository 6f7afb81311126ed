"""Refused messages: their topic is read into rows, while the API is served or when a command asks for them."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from msgspec import Struct

from adapters.clock import ClockFault
from adapters.kafka.clients import KafkaFault, connection
from adapters.kafka.refused.feed import feed
from adapters.kafka.refused.retry import publish_again
from adapters.postgres.connections import OUTAGES
from adapters.postgres.refused import RefusedQuery, RefusedTable
from adapters.process.loop import Loop
from adapters.run.settings import Settings
from adapters.run.site import Site, site
from adapters.wire.refused import RefusedRow, as_objects
from streams.bus.topics import INBOX

AGAIN_SECONDS = 10.0


def refused_rows(site: Site) -> Loop:
    """Return the loop that keeps the rows of a database up to the topic."""
    return Loop("refused-rows", partial(_follow, site), AGAIN_SECONDS, (*OUTAGES, KafkaFault, ClockFault))


def _follow(site: Site, stop: threading.Event) -> None:
    with RefusedTable(site.url) as table, feed(site.settings.kafka, table, site.clock.now) as rows:
        while not stop.is_set():
            rows.step()


class RefusedInbox(Struct):
    """The refused messages of this site's inbox."""

    site: Site
    table: RefusedTable

    def rows(self, wanted: RefusedQuery) -> list[RefusedRow]:
        """Return rows, in the order in which the messages were refused."""
        return self.table.rows(f"{self.site.settings.kafka.topics}.{INBOX}", wanted)

    def opened(self, rows: Sequence[RefusedRow]) -> list[dict[str, Any]]:
        """Return rows as readers get them, with what was sealed."""
        return as_objects(self.site.log, self.site.sealer.open_batch, rows)

    def publish_again(self, rows: Sequence[RefusedRow]) -> int:
        """Publish messages to the inbox again; return how many could be."""
        return publish_again(self.site.settings.kafka, self.site.sealer.open_batch, rows)


@contextmanager
def refused_inbox(settings: Settings) -> Iterator[RefusedInbox]:
    """Open the refused messages, with the rows up to the topic. Raises KafkaFault and SettingsFault."""
    connection(settings.kafka)  # raises before a database is started for nothing
    with site(settings) as opened, RefusedTable(opened.url) as table:
        with feed(settings.kafka, table, opened.clock.now) as rows:
            rows.catch_up()
        yield RefusedInbox(opened, table)
