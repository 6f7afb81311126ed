"""The published checkpoints, in the database of their log."""

from __future__ import annotations

from adapters.postgres.connections import ReadPool
from streams.tree.verifier import Checkpoint

_ADD = "INSERT INTO log.checkpoints VALUES (%(origin)s, %(size)s, %(note)s) ON CONFLICT DO NOTHING RETURNING note"
_LATEST = "SELECT note FROM log.checkpoints WHERE origin = %(origin)s ORDER BY size DESC LIMIT 1"

# Of the checkpoints that are not among the latest, the largest in each stretch of 2^16 entries is kept.
_THIN = """
WITH last AS (SELECT size FROM log.checkpoints WHERE origin = %(origin)s ORDER BY size DESC OFFSET %(kept)s LIMIT 1)
DELETE FROM log.checkpoints AS old USING last
WHERE old.origin = %(origin)s AND old.size < last.size AND old.size > (last.size - 1) >> 16 << 16
RETURNING old.note
"""

KEPT = 1000
"""How many of the latest checkpoints are kept, all of them."""


class PostgresCheckpoints:
    """The port `Checkpoints` over PostgreSQL. Any thread may use it; raises LogUnavailable."""

    def __init__(self, url: str) -> None:
        self._connections = ReadPool(url, 2)

    def close(self) -> None:
        """Close the connections."""
        self._connections.close()

    def add(self, checkpoint: Checkpoint, note: str) -> None:
        """Publish a checkpoint, unless one of the same size is published. Older ones are thinned out."""
        self._connections.fetch(str, _ADD, origin=checkpoint.origin, size=checkpoint.size, note=note)
        self._connections.fetch(str, _THIN, origin=checkpoint.origin, kept=KEPT)

    def latest(self, origin: str) -> str | None:
        """Return the largest checkpoint of a log, None if there is none."""
        return next(iter(self._connections.fetch(str, _LATEST, origin=origin)), None)
