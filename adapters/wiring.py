"""Wiring: what a process of Pujiang stands on, opened in order and closed in reverse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from msgspec import Struct

from adapters import embedded
from adapters.avro import AvroCodec
from adapters.clock import now
from adapters.keys.sealer import Sealer
from adapters.keys.store import open_store
from adapters.postgres.log import PostgresLog
from adapters.settings import Settings
from domain.catalogue import RULES
from streams.history import Histories
from streams.judge import Judge
from streams.publish import Publisher
from streams.warm import WarmFolds

WARM_BYTES = 96 * 1024 * 1024
"""What a publisher's warm folds may take; at about 900 bytes each, a hundred thousand histories."""


class Site(Struct):
    """The parts that flows need: the database's address, the log over it, codec, histories and sealer."""

    settings: Settings
    url: str
    log: PostgresLog
    codec: AvroCodec
    histories: Histories
    sealer: Sealer

    def publisher(self) -> Publisher:
        """Return a publisher with warm folds of its own."""
        judge = Judge(RULES, WarmFolds(self.histories, WARM_BYTES))
        return Publisher(self.log, self.codec, judge, now)


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Give the address of the database: the one that is set, or the embedded server, started if need be."""
    if settings.database_url:
        yield settings.database_url
        return
    server = embedded.start(settings.home)
    try:
        yield server.url
    finally:
        server.stop()


@contextmanager
def site(settings: Settings) -> Iterator[Site]:
    """Open a site on the database that the settings name."""
    with database(settings) as url, site_on(settings, url) as opened:
        yield opened


def _kek(settings: Settings) -> Path | None:
    """The key-encryption key lies beside a key store in a file, and in the data home for one elsewhere."""
    return None if settings.keys_url.startswith("sqlite:") else settings.home / "keys" / "kek"


@contextmanager
def site_on(settings: Settings, url: str) -> Iterator[Site]:
    """Open a site on a database that is running."""
    with ExitStack() as stack:
        log = PostgresLog(url)
        stack.callback(log.close)
        store = open_store(settings.keys_url, _kek(settings))
        stack.callback(store.close)
        codec = AvroCodec()
        yield Site(settings, url, log, codec, Histories(log, codec), Sealer(store))
