"""What the audit (审计) of the log itself rests on: events that were published by mistake and are taken back."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from events.event import Cites, Event, Retracts, Tag, Tags

EventType = Annotated[
    str,
    Meta(
        max_length=100,
        pattern=r"^[a-z][a-z-]*\.[A-Z][A-Za-z]*$",
        description="the type of an event, security.IncidentReported",
    ),
]
Retracted = Annotated[
    str,
    Cites(kind="event_type"),
    Tag("event"),
    Retracts(),
    Meta(max_length=512, description="an event's identity, source#id"),
]
WholeTag = Annotated[str, Meta(min_length=3, max_length=320, description="a tag, person:p-1")]


class EventRetracted(Event, frozen=True):
    """A source takes back what it published by mistake (撤回): read models treat the event as never true.

    It stays in the log, and `known_at` still shows that it was known. `carries` are the tags of that event, all
    of them, so that whatever it has changed is folded again without it.
    """

    event: Retracted
    event_type: EventType
    carries: Annotated[list[WholeTag], Tags()]
    reason: Literal["entered-by-mistake", "duplicate", "wrong-person", "never-happened", "test-data"]


EVENTS = (EventRetracted,)
