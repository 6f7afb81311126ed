"""A number that is assigned once: the rule that each context has for every kind of thing it numbers."""

from __future__ import annotations

from operator import attrgetter

from msgspec import Struct

from domain.rule import Code, Reading, Rule, ever, field_of, refuse_if
from events.event import Event
from events.fold import Fold


class Number(Struct):
    """Whether a number has ever been assigned."""

    number: str
    given: bool = False


def new_number(kind: str, gives: type[Event], code: Code, *, name: str, sentence: str) -> Rule:
    """Return the rule that an event of type `gives` assigns a number that no earlier event of the type assigned.

    The number is the value of the event's tag of this kind; other events that carry the tag assign nothing, nor do
    those of other numbers that were merged into it. A number that was merged into another one stays taken.
    """

    def give(state: Number, event: Event) -> None:
        state.given = state.given or number(event) == state.number

    fold = Fold(kind, Number, give, (gives,))
    number = attrgetter(field_of(Reading(fold), gives)[0])
    thing = kind.replace("-", " ")

    def check(state: Number, proposed: Event) -> None:
        refuse_if(state.given, code, f"the {thing} number {number(proposed)} is already taken")

    return Rule(check, ever(fold), name=name, sentence=sentence, events=(gives,))
