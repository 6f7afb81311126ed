"""What was last seen of the clock, beside the log whose events it dates."""

from __future__ import annotations

from contextlib import closing

from msgspec import structs

from adapters.clock import ClockSight, look
from adapters.postgres.connections import connect, unavailable

_LAST = "SELECT seen_at, trusted_at, doubted_since, waited FROM log.clock"
_RECORDED = "SELECT recorded_at FROM log.head"
_KEEP = """
INSERT INTO log.clock VALUES (%(seen_at)s, %(trusted_at)s, %(doubted_since)s, %(waited)s)
ON CONFLICT ((true)) DO UPDATE SET seen_at = excluded.seen_at, trusted_at = excluded.trusted_at,
    doubted_since = excluded.doubted_since, waited = excluded.waited
"""


def see(url: str, at: int, *, vouched: bool = False) -> ClockSight:
    """Return what is seen at a time, and keep it for the next look, of whatever process.

    Raises ClockFault, as `look` does, and LogUnavailable.
    """
    with unavailable(), closing(connect(url)) as connection, connection.transaction():
        found = connection.execute(f"{_LAST} FOR UPDATE").fetchone()
        last = None if found is None else ClockSight(*found)
        ((recorded_at,),) = connection.execute(_RECORDED).fetchall()
        sight = look(last, recorded_at, at, vouched=vouched)
        connection.execute(_KEEP, structs.asdict(sight))
    return sight


def last_sight(url: str) -> ClockSight | None:
    """Return what was seen last, None if nobody has looked yet. Raises LogUnavailable."""
    with unavailable(), closing(connect(url)) as connection:
        found = connection.execute(_LAST).fetchone()
    return None if found is None else ClockSight(*found)
