"""A log that keeps no tree, to measure what the tree costs: only here, and only in this process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from unittest.mock import patch

import psycopg

from adapters.postgres.log import append


def forget_tree(url: str) -> None:
    """Take the tree from a log; from now on only `without_tree` appends to it."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER TABLE log.head ALTER tree DROP NOT NULL")
        connection.execute("UPDATE log.head SET tree = NULL")
        connection.execute("TRUNCATE log.tiles")


@contextmanager
def without_tree() -> Iterator[None]:
    """Append without growing a tree."""
    with patch.object(append, "_grown", _ungrown):
        yield


def _ungrown(_stored: bytes, _recorded_at: int, _tails: Sequence[bytes]) -> tuple[bytes, bytes]:
    return b"", b"NULL"
