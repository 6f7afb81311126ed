"""A number that is given once: the rule that every context has for each kind of thing that it numbers."""

from __future__ import annotations

from operator import attrgetter

from msgspec import Struct

from domain.rule import Reading, Rule, field_of, refuse_if
from events.event import Event
from events.fold import Fold


class Number(Struct):
    """Whether a number was ever given."""

    number: str
    given: bool = False


def give(state: Number, _: Event) -> None:
    """Remember that the number was given."""
    state.given = True


def new_number(kind: str, gives: type[Event], code: str, *, name: str, sentence: str) -> Rule:
    """Return the rule that an event of type `gives` gives a number which no such event gave before.

    The number is that of the event's tag of this kind; whoever else carries the tag gives nothing. A merge of
    numbers joins their histories, so that each number of a merged person stays given.
    """
    fold = Fold(kind, Number, give, (gives,))
    number = attrgetter(field_of(Reading(fold), gives)[0])

    def check(state: Number, proposed: Event) -> None:
        refuse_if(state.given, code, f"the {kind} number {number(proposed)} was given already")

    return Rule(check, fold, name=name, sentence=sentence, events=(gives,))
