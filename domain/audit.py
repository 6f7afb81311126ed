"""Rules of the log's own audit (审计): which events can be retracted."""

from __future__ import annotations

from msgspec import Struct

from domain.rule import Rule, ever, refuse_if
from events.audit import EventRetracted
from events.catalogue import names
from events.fold import Fold
from events.identity.erasure import PersonErased


class Standing(Struct):
    """Whether an event has been retracted."""

    event: str
    retracted: bool = False


def standing(state: Standing, event: EventRetracted) -> None:
    """Remember that the event was retracted."""
    state.retracted = True


def retracted_once(standing: Standing, proposed: EventRetracted) -> None:
    """An event is retracted once, by the source that published it, and the retraction lists all its tags."""
    refuse_if(standing.retracted, "retracted-already", f"{proposed.event} has already been retracted")


def erasure_is_final(standing: Standing, proposed: EventRetracted) -> None:
    """The erasure of a person cannot be retracted: destroyed keys cannot be restored."""
    refuse_if(
        proposed.event_type == names()[PersonErased],
        "erasure-final",
        f"{proposed.event} is an erasure, which cannot be undone",
    )


STANDING = Fold("event", Standing, standing)
RULES = (Rule(retracted_once, ever(STANDING)), Rule(erasure_is_final, ever(STANDING)))
