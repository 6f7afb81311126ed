"""Retractions: events that their sources have withdrawn."""

from __future__ import annotations

from msgspec import Struct

from events.audit import EventRetracted
from projections.read_model import ReadModel


class Retraction(Struct):
    """A retracted event (撤回): its type, source and reason, and the day from which it counts as never true."""

    event: str
    source: str = ""
    event_type: str = ""
    reason: str = ""
    day: str = ""


def retraction(row: Retraction, event: EventRetracted) -> None:
    """Record who retracted the event, why, and when."""
    row.source, row.event_type = event.source, event.event_type
    row.reason, row.day = event.reason, event.day


READ_MODELS = (
    ReadModel(
        "retractions",
        "event",
        Retraction,
        retraction,
        filter=("source", "event_type", "reason", "day"),
        sort=("day",),
    ),
)
