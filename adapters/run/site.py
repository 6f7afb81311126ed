"""Wiring: what a process of Pujiang stands on, opened in order and closed in reverse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import structlog
from msgspec import Struct

from adapters.clock import now
from adapters.contracts.codec import AvroCodec
from adapters.embedded import server
from adapters.embedded.os_account import ServerFault
from adapters.keys.sealer import Sealer
from adapters.keys.store import KeyStore, kek_file, open_store
from adapters.postgres.log.log import PostgresLog
from adapters.run.settings import Settings
from domain.catalogue import RULES
from streams.erasure.eraser import Eraser
from streams.history.histories import Histories
from streams.publish.judge import Judge
from streams.publish.publisher import Publisher
from streams.publish.warm_folds import WarmFolds

log = structlog.get_logger()

WARM_BYTES = 96 * 1024 * 1024
"""What a publisher's warm folds may take; at about 900 bytes each, a hundred thousand histories."""


class Site(Struct):
    """The parts that flows need: the database's address, the log over it, codec, histories, keys and sealer."""

    settings: Settings
    url: str
    log: PostgresLog
    codec: AvroCodec
    histories: Histories
    store: KeyStore
    sealer: Sealer

    @property
    def origin(self) -> str:
        """What the log calls itself in its checkpoints; a restored log, which has a new id, is another."""
        return f"{self.settings.origin}/{self.log.id}"

    def publisher(self) -> Publisher:
        """Return a publisher with warm folds of its own."""
        judge = Judge(RULES, WarmFolds(self.histories, WARM_BYTES))
        return Publisher(self.log, self.codec, judge, now)


class Database:
    """The database that the settings name: a server elsewhere, or the embedded one of the data home."""

    def __init__(self, settings: Settings) -> None:
        self._home = settings.home
        self._server = None if settings.database_url else server.start(settings.home)
        self.url = settings.database_url or (self._server.url if self._server else "")

    def tend(self) -> None:
        """Start the embedded server again where it has ended by itself; only from the main thread."""
        if self._server is None or not self._server.ended:
            return
        log.error("database-ended")
        try:
            found = server.start(self._home)
        except ServerFault as fault:
            # Its last processes may still be ending: look again at the next call.
            log.error("database-not-started", reason=str(fault))  # noqa: TRY400 - its sentence says it all
            return
        if not found.owned:
            return
        if found.url != self.url:
            found.stop()
            raise ServerFault("the database has come back at another address: start again")
        self._server = found
        log.info("database-started")

    def stop(self) -> None:
        """Stop the embedded server, if this process has started it."""
        if self._server is not None:
            self._server.stop()


@contextmanager
def database(settings: Settings) -> Iterator[Database]:
    """Give the database, started if need be."""
    opened = Database(settings)
    try:
        yield opened
    finally:
        opened.stop()


@contextmanager
def site(settings: Settings) -> Iterator[Site]:
    """Open a site on the database that the settings name."""
    with database(settings) as opened, site_on(settings, opened.url) as found:
        yield found


def kek(settings: Settings) -> Path:
    """The key-encryption key lies beside a key store in a file, and in the data home for one elsewhere."""
    elsewhere = None if settings.keys_url.startswith("sqlite:") else settings.home / "keys" / "kek"
    return kek_file(settings.keys_url, elsewhere)


@contextmanager
def site_on(settings: Settings, url: str) -> Iterator[Site]:
    """Open a site on a database that is running."""
    with ExitStack() as stack:
        entries = PostgresLog(url)
        stack.callback(entries.close)
        store = open_store(settings.keys_url, kek(settings))
        stack.callback(store.close)
        codec = AvroCodec()
        # Keys that have come back from a backup are destroyed again before anything is opened with them.
        Eraser(entries, codec, store.keys, store.bookmarks, now).step()
        sealer = Sealer(store.keys, store.secrets)
        yield Site(settings, url, entries, codec, Histories(entries, codec), store, sealer)
