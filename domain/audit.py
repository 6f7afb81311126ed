"""Rules of the log's own audit (审计): what may be taken back."""

from __future__ import annotations

from msgspec import Struct

from domain.rule import Rule, refuse_if
from events.audit import EventRetracted
from events.catalogue import names
from events.fold import Fold
from events.identity.erasure import PersonErased


class Standing(Struct):
    """Whether an event was taken back."""

    event: str
    retracted: bool = False


def standing(state: Standing, event: EventRetracted) -> None:
    """It was."""
    state.retracted = True


def retracted_once(standing: Standing, proposed: EventRetracted) -> None:
    """An event is taken back once, by the source that published it, with all the tags that it carries."""
    refuse_if(standing.retracted, "retracted-already", f"{proposed.event} was taken back already")


def erasure_is_final(standing: Standing, proposed: EventRetracted) -> None:
    """The erasure of a person is not taken back: nothing brings destroyed keys back."""
    refuse_if(
        proposed.event_type == names()[PersonErased],
        "erasure-final",
        f"{proposed.event} is an erasure, which nothing undoes",
    )


STANDING = Fold("event", Standing, standing)
RULES = (Rule(retracted_once, STANDING), Rule(erasure_is_final, STANDING))
