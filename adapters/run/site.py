"""The composition root: what a process of Pujiang stands on, opened in order and closed in reverse."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import structlog
from msgspec import Struct

from adapters.clock import now
from adapters.contracts.codec import AvroCodec
from adapters.door.door import Door
from adapters.embedded import server
from adapters.embedded.os_account import ServerFault
from adapters.keys.fault import KeyStoreFault
from adapters.keys.salt import salt_of, salt_secret
from adapters.keys.sealer import Sealer
from adapters.keys.signing import Signer, SigningKeys
from adapters.keys.store import KeyStore, kek_file, open_store
from adapters.postgres.log.checkpoints import PostgresCheckpoints
from adapters.postgres.log.key_store import bind, key_store_of
from adapters.postgres.log.log import PostgresLog
from adapters.proof.witnesses import read_policy
from adapters.run.clock import TrustedClock
from adapters.run.settings import Settings
from domain.catalogue import RULES
from streams.erasure.eraser import Eraser
from streams.history.histories import Histories
from streams.proof.checkpoints import Checkpointer
from streams.proof.witness import Witness
from streams.publish.judge import Judge
from streams.publish.new_keys import NewKeys
from streams.publish.publisher import Publisher
from streams.publish.warm_folds import WarmFolds
from streams.tree.verifier import Signature

log = structlog.get_logger()

WARM_BYTES = 96 * 1024 * 1024
"""Bytes that a publisher's warm folds may take: a hundred thousand histories at about 900 bytes each."""


class Site(Struct):
    """The parts that flows and commands take. `url` is the database's address; any thread may use the parts."""

    settings: Settings
    url: str
    log: PostgresLog
    codec: AvroCodec
    histories: Histories
    store: KeyStore
    sealer: Sealer
    checkpoints: PostgresCheckpoints
    clock: TrustedClock

    @property
    def origin(self) -> str:
        """What the log is called in its checkpoints; a restored log, which has a new id, is called otherwise."""
        return f"{self.settings.origin}/{self.log.id}"

    @property
    def keys(self) -> SigningKeys:
        """The keys that sign checkpoints."""
        return SigningKeys(self.store.secrets)

    def door(self) -> Door:
        """Return a door for all event types that publishers may send."""
        return Door(self.codec, self.sealer)

    def publisher(self) -> Publisher:
        """Return a publisher with warm folds of its own."""
        judge = Judge(RULES, WarmFolds(self.histories, WARM_BYTES))
        return Publisher(self.log, self.codec, judge, now, NewKeys(self.store.keys))

    def sign(self, text: str) -> Sequence[Signature]:
        """Sign a note with the keys of this log."""
        return [each.sign(text) for each in self.keys.signing(self.origin)]

    def checkpointer(self) -> Checkpointer:
        """Return what makes the checkpoints of this log. Raises PolicyFault."""
        witnesses = read_policy(self.settings.policy).asked
        return Checkpointer(
            self.log, self.origin, self.sign, self.store.notes, self.checkpoints, witnesses=witnesses
        )

    def cosigner(self) -> Signer:
        """Return the key that cosigns other logs' checkpoints; its name does not contain this log's id."""
        return self.keys.witness(f"{self.settings.origin}/witness")

    def witness(self) -> Witness:
        """Return the witness that this site is for the logs of its policy. Raises PolicyFault."""
        cosigner = self.cosigner()

        def cosign(text: str) -> Signature:
            return cosigner.sign(text, int(time.time()))

        return Witness(self.store.notes, cosign, read_policy(self.settings.policy).logs)


class Database:
    """The database that the settings name: a server elsewhere, or the embedded one of the data home."""

    def __init__(self, settings: Settings) -> None:
        self._home = settings.home
        self._server = None if settings.database_url else server.start(settings.home)
        self.url = settings.database_url or (self._server.url if self._server else "")

    def tend(self) -> None:
        """Restart the embedded server if it has ended by itself. Only the main thread may call this."""
        if self._server is None or not self._server.ended:
            return
        log.error("database-ended")
        try:
            found = server.start(self._home)
        except ServerFault as fault:
            # The last of its processes may still be ending: the next call tries again.
            log.error("database-not-started", reason=str(fault))  # noqa: TRY400 - its sentence says it all
            return
        if not found.owned:
            return
        if found.url != self.url:
            found.stop()
            raise ServerFault("the database has come back at another address: start this process again")
        self._server = found
        log.info("database-started")

    def stop(self) -> None:
        """Stop the embedded server, if this process has started it."""
        if self._server is not None:
            self._server.stop()


@contextmanager
def database(settings: Settings) -> Iterator[Database]:
    """Give the database that the settings name; the embedded server is started if it does not run.

    Raises KeyStoreFault rather than make a database beside the keys of a log that is not there.
    """
    if not settings.database_url and not server.made(settings.home) and kek(settings).exists():
        with closing(open_store(settings.keys_url, kek(settings))) as store:
            _refuse_another_log(store)
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
    """Return the file of the key-encryption key: beside a key store in a file, or in the data home."""
    elsewhere = None if settings.keys_url.startswith("sqlite:") else settings.home / "keys" / "kek"
    return kek_file(settings.keys_url, elsewhere)


@contextmanager
def site_on(settings: Settings, url: str, *, vouched: bool = False) -> Iterator[Site]:
    """Open a site on a database that is running; `vouched` for the clock is `TrustedClock`'s. Raises ClockFault."""
    with ExitStack() as stack:
        entries = PostgresLog(url)
        stack.callback(entries.close)
        bound = key_store_of(url)
        store = open_store(settings.keys_url, kek(settings), bound_to=bound)
        stack.callback(store.close)
        if bound is None:
            _bind(url, store)
        store.bookmarks.begin(entries.id)
        codec = AvroCodec(salt=salt_of(salt_secret(store.secrets)))
        clock = TrustedClock(url, vouched=vouched)
        # Keys that have come back from a backup are destroyed again before anything is opened with them.
        Eraser(entries, codec, store.keys, store.bookmarks, clock.now).step()
        checkpoints = PostgresCheckpoints(url)
        stack.callback(checkpoints.close)
        histories, sealer = Histories(entries, codec), Sealer(store.keys, store.secrets)
        yield Site(settings, url, entries, codec, histories, store, sealer, checkpoints, clock)


def _bind(url: str, store: KeyStore) -> None:
    """Bind a new log and a new key store to each other. Raises KeyStoreFault if either belongs to another."""
    if key_store_of(url) is None:
        _refuse_another_log(store)
    if (found := bind(url, store.id)) != store.id:
        raise KeyStoreFault(f"another process has opened this log first, with the key store {found}")


def _refuse_another_log(store: KeyStore) -> None:
    if store.bookmarks.any():
        raise KeyStoreFault(
            f"the key store {store.id} belongs to a log, which is not in this database: restore the log, or see "
            "PUJIANG_HOME, PUJIANG_KEYS_URL and DATABASE_URL"
        )
