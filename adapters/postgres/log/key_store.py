"""The key store that a log belongs to, by its id: whoever opens both is refused if they are not of one system."""

from __future__ import annotations

import psycopg

from adapters.postgres.connections import unavailable


def key_store_of(url: str) -> str | None:
    """Return the id of the key store of the log in this database, None if it has not been opened with one yet."""
    with unavailable(), psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        found = connection.execute("SELECT key_store FROM log.head").fetchone()
    return None if found is None else found[0]


def bind(url: str, key_store: str) -> str:
    """Bind the log to a key store unless it is bound already; return the id of the one that it is bound to."""
    query = "UPDATE log.head SET key_store = coalesce(key_store, %s) RETURNING key_store"
    with unavailable(), psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        found = connection.execute(query, (key_store,)).fetchone()
    return key_store if found is None else str(found[0])
