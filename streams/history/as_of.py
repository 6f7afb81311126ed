"""As of: a row as it was known at a time, or as it truly was at one."""

from __future__ import annotations

from typing import Any

from projections.read_model import Key, ReadModel
from streams.history.refold import Past, refold
from streams.ports import Codec, Log
from streams.read_ports import Line


def as_of(
    log: Log,
    codec: Codec,
    model: ReadModel[Any],
    key: Key,
    *,
    known_at: int | None = None,
    true_at: int | None = None,
    upto: int | None = None,
) -> Line | None:
    """Fold a row of what had been recorded by `known_at` (and up to a position), or had occurred by `true_at`.

    Both times are microseconds since 1970. Returns the row with the position of its last event, or None
    where there was none. What is held ends the fold, as it does in the live row.
    """
    past = past_at(log, codec, known_at=known_at, true_at=true_at, upto=upto)
    return refold(model, str(key[0]), past).lines.get(key)


def past_at(
    log: Log,
    codec: Codec,
    *,
    known_at: int | None = None,
    true_at: int | None = None,
    upto: int | None = None,
) -> Past:
    """Return the past of what had been recorded by `known_at` (and up to a position), or had occurred by `true_at`."""
    if known_at is not None:
        known = log.position_at(known_at)
        upto = known if upto is None else min(known, upto)
    return Past(log, codec, upto=upto, true_at=true_at)
