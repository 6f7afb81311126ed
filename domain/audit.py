"""Rules of the log's own audit (审计): what may be taken back."""

from __future__ import annotations

from msgspec import Struct

from domain.rule import Rule, refuse_if
from events.audit import EventRetracted
from events.fold import Fold


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


RULES = (Rule(retracted_once, Fold("event", Standing, standing)),)
