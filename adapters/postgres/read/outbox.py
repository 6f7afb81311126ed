"""Notes of what is to be stated in the log, written in the transaction that changes the read models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from adapters.postgres.connections import Connection
from events.order import moment
from streams.coverage.statements import cause
from streams.read_ports import Held

_NOTE = """
INSERT INTO read.outbox (kind, model, digest, tag, position, told)
SELECT %s, name, digest, %s, %s, %s FROM read.models WHERE name = %s
"""
_KNOWN = "SELECT DISTINCT tag FROM read.held WHERE model = %s AND tag = ANY(%s::bigint[])"
_TAKEN_BACK = """
DELETE FROM read.outbox WHERE transaction = pg_current_xact_id() AND kind = 'released'
AND model = %s AND tag = %s AND position = %s RETURNING number
"""
_RELEASED = """
INSERT INTO read.outbox (kind, model, digest, tag, position)
SELECT 'released', h.model, m.digest, h.tag, (min(ARRAY[h.occurred_at, h.position]))[2]
FROM read.held AS h JOIN read.models AS m ON m.name = h.model
WHERE h.model = %(model)s AND (%(tags)s::bigint[] IS NULL OR h.tag = ANY(%(tags)s))
GROUP BY h.model, m.digest, h.tag ORDER BY h.tag
"""


def held(connection: Connection, model: str, events: Sequence[Held]) -> None:
    """Note the tags of which no event was held before these.

    A tag that was released in the same transaction, and is held again from the same event on, has been held all along.
    """
    first: dict[int, Held] = {}
    for each in events:
        if each.tag not in first or moment(each) < moment(first[each.tag]):
            first[each.tag] = each
    known = {tag for (tag,) in connection.execute(_KNOWN, (model, list(first)))}
    for tag, each in first.items():
        if tag in known or connection.execute(_TAKEN_BACK, (model, tag, each.position)).fetchone():
            continue
        _note(
            connection,
            "held",
            model,
            tag,
            each.position,
            tag=each.text,
            type=each.type,
            cause=cause(each.reason),
        )


def released(connection: Connection, model: str, tags: Sequence[int] | None) -> None:
    """Note the tags that are held until now: these, or all."""
    connection.execute(_RELEASED, {"model": model, "tags": None if tags is None else list(tags)})


def rebuilt(connection: Connection, model: str, position: int) -> None:
    """Note that a model was built anew up to a position, unless the log was empty."""
    if position:
        _note(connection, "rebuilt", model, None, position)


def retried(connection: Connection, model: str, released_: int, still_held: int) -> None:
    """Note that everything that a model holds was folded again."""
    _note(connection, "retried", model, None, None, released=released_, still_held=still_held)


def _note(
    connection: Connection, kind: str, model: str, tag_: int | None, position: int | None, **told: Any
) -> None:
    encoded = msgspec.json.encode(told).decode()
    connection.execute(_NOTE, (kind, tag_, position, encoded, model))
