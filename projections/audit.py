"""What sources have taken back of what they published."""

from __future__ import annotations

from msgspec import Struct

from events.audit import EventRetracted
from projections.read_model import ReadModel


class Retraction(Struct):
    """An event that its source has taken back: of which type it was, why, and since when it counts as never true."""

    event: str
    source: str = ""
    event_type: str = ""
    reason: str = ""
    day: str = ""


def retraction(row: Retraction, event: EventRetracted) -> None:
    """Keep who has taken it back, and why."""
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
