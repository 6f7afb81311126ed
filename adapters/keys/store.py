"""The key store: what makes personal data readable and checkpoints credible, kept apart from the log."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from msgspec import Struct

from adapters.keys.data_keys import DataKeys
from adapters.keys.fault import KeyStoreFault
from adapters.keys.kek import make_kek
from adapters.keys.postgres.shelf import postgres_shelf
from adapters.keys.secrets import Secrets
from adapters.keys.shelf import KekInUse, LogBookmarks, Shelf
from adapters.keys.sqlite.shelf import sqlite_shelf
from adapters.keys.wrap import KeyWrap
from streams.proof.witness import SignedNotes

ID_DIGITS = 32
"""Hexadecimal digits of a key store's id."""

_POSTGRESQL = ("postgresql://", "postgres://")


class KeyStore(Struct, frozen=True):
    """An open key store, concern by concern: each flow takes the one that it needs."""

    keys: DataKeys
    secrets: Secrets
    notes: SignedNotes
    bookmarks: LogBookmarks
    close: Callable[[], None]

    @property
    def id(self) -> str:
        """Its id: the fingerprint of a secret, so that copies, restored ones too, have the same."""
        secret = self.secrets.get_or_make("identity")
        return sha256(b"pujiang key store\0" + secret).hexdigest()[:ID_DIGITS]


def open_store(url: str, kek: Path | None = None, *, bound_to: str | None = None) -> KeyStore:
    """Open the key store at `sqlite:///PATH` or `postgresql://...`; what is missing is made. Raises KeyStoreFault.

    `kek` is the file of the key-encryption key, by default `kek` beside SQLite's file. With `bound_to`, the key store must
    have this id, and nothing is made.
    """
    file = kek_file(url, kek)
    if bound_to is not None and not file.exists():
        raise KeyStoreFault(
            f"the log belongs to the key store {bound_to}, and there is no key-encryption key {file}: restore the key "
            "store from its backup, or see PUJIANG_HOME and PUJIANG_KEYS_URL"
        )
    shelf = open_shelf(url)
    try:
        if bound_to is None:
            return _open(shelf, file)
        return _open_bound(shelf, file, bound_to)
    except OSError as error:
        shelf.close()
        raise KeyStoreFault(f"the key store cannot be opened: {error}") from error
    except BaseException:
        shelf.close()
        raise


def _open_bound(shelf: Shelf, file: Path, bound_to: str) -> KeyStore:
    """Open the key store with this id. Raises KeyStoreFault if it is empty, or another."""
    if shelf.kek.fingerprint() is None:
        raise KeyStoreFault(
            f"the log belongs to the key store {bound_to}, but the one that was found is empty: restore it"
        )
    store = _open(shelf, file)
    if store.id != bound_to:
        raise KeyStoreFault(
            f"the log belongs to the key store {bound_to}, and the one that was found is {store.id}: restore the right one, "
            "or see PUJIANG_HOME and PUJIANG_KEYS_URL"
        )
    return store


def _open(shelf: Shelf, file: Path) -> KeyStore:
    _make_kek(file, shelf.kek)
    wrap = KeyWrap(file)
    shelf.kek.begin_with(wrap.current)
    return KeyStore(
        keys=DataKeys(shelf.keys, wrap),
        secrets=Secrets(shelf.secrets, wrap),
        notes=shelf.notes,
        bookmarks=shelf.bookmarks,
        close=shelf.close,
    )


def _make_kek(file: Path, kek: KekInUse) -> None:
    """Make the key-encryption key of a new key store; one that was lost later is not replaced."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not file.exists() and kek.fingerprint() is None:
        make_kek(file)


def kek_file(url: str, kek: Path | None = None) -> Path:
    """Return the file of the key-encryption key, by default `kek` beside SQLite's file. Raises KeyStoreFault."""
    if not url.startswith(_POSTGRESQL):
        return kek or _path(url).with_name("kek")
    if kek is None:
        raise KeyStoreFault("a key store in PostgreSQL needs a file for its key-encryption key")
    return kek


def open_shelf(url: str) -> Shelf:
    """Open the database of a key store. Raises KeyStoreFault."""
    try:
        if url.startswith(_POSTGRESQL):
            return postgres_shelf(url)
        path = _path(url)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return sqlite_shelf(path)
    except OSError as error:
        raise KeyStoreFault(f"the key store cannot be opened: {error}") from error


def _path(url: str) -> Path:
    path = Path(url.removeprefix("sqlite:///"))
    if not url.startswith("sqlite:///") or not path.name:
        raise KeyStoreFault("the address of a key store is sqlite:///PATH or postgresql://HOST/DATABASE")
    return path
