"""Retractions: events that their sources have withdrawn, and those that have lost their ground."""

from __future__ import annotations

from msgspec import Struct

from events.audit import EventRetracted, GroundLost, GroundRegained
from events.fold import REMOVED, Removed
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


class LostGround(Struct):
    """An event that the rules would not admit any more, on what is known now: by which rule, and since when.

    The status is `lost`, `regained` when its ground has been supplied again, or `retracted` when its source has taken
    it back. Until then it stays true in all rows. `cause` is the event from which the status follows.
    """

    event: str
    status: str = ""
    event_type: str = ""
    rule: str = ""
    code: str = ""
    cause: str = ""
    lost: str | None = None
    ended: str | None = None


def lost_ground(row: LostGround, event: GroundLost | GroundRegained | EventRetracted) -> Removed | None:
    """Follow an event that has lost its ground until it has regained it, or is retracted."""
    match event:
        case GroundLost():
            row.status, row.event_type, row.cause = "lost", event.event_type, event.cause
            row.rule, row.code = event.rule, event.code
            row.lost, row.ended = event.day, None
        case GroundRegained():
            row.status, row.cause, row.ended = "regained", event.cause, event.day
        case EventRetracted():
            if not row.status:
                return REMOVED
            row.status, row.cause, row.ended = "retracted", f"{event.source}#{event.id}", event.day
    return None


READ_MODELS = (
    ReadModel(
        "retractions",
        "event",
        Retraction,
        retraction,
        filter=("source", "event_type", "reason", "day"),
        sort=("day",),
    ),
    ReadModel(
        "lost-grounds",
        "event",
        LostGround,
        lost_ground,
        filter=("status", "event_type", "rule", "code", "lost", "ended"),
        sort=("lost",),
    ),
)
