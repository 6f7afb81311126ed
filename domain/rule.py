"""Rules: pure checks that admit or refuse a proposed event, over the folds that they name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, get_origin

from msgspec import Struct

from events.contract import fields, summary, tag_fields
from events.event import Event
from events.fold import Fold, accepted

S = TypeVar("S")


class Refused(Exception):
    """A rule does not admit a proposed event: `code` for machines, `sentence` for people, the rule's name.

    A code that starts with `unknown-` tells that the event may only have come too early.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence, self.rule = code, sentence, ""


class Reading(Struct, Generic[S], frozen=True):
    """Which histories a rule reads: of `fold`, for the tags in `field` of the proposed event.

    Without `field` it is the first field whose tag is of the fold's kind. `value` names one history that is
    read whatever is proposed (published rule data). With `each`, the rule is checked for every tag of the
    kind in turn. A field of None gives the starting state, a list field a list of states.
    """

    fold: Fold[S]
    field: str = ""
    value: str = ""
    each: bool = False


def of(fold: Fold[S], field: str) -> Reading[S]:
    """Read the history of the tag in `field`."""
    return Reading(fold, field)


def each_of(fold: Fold[S]) -> Reading[S]:
    """Read the histories of all tags of the fold's kind, and check the rule for each."""
    return Reading(fold, each=True)


def data(fold: Fold[S], value: str) -> Reading[S]:
    """Read one named history: rules that are published as dated data."""
    return Reading(fold, value=value)


class Rule:
    """A check and what it reads: `check(state, ..., proposed)`, one state for each reading, in order.

    Which events it judges is read from the annotation of `proposed`; `Event` itself means all that carry
    the tag of its first reading. The check raises Refused, or returns None to admit.
    """

    __slots__ = ("check", "events", "readings")

    def __init__(self, check: Callable[..., Event | None], *readings: Reading[Any] | Fold[Any]) -> None:
        self.check = check
        self.readings = tuple(each if isinstance(each, Reading) else Reading(each) for each in readings)
        self.events = accepted(check, "proposed")

    @property
    def name(self) -> str:
        """The name of the check, told with every refusal."""
        return self.check.__name__

    @property
    def sentence(self) -> str:
        """The first paragraph of the check's docstring."""
        return summary(self.check)

    def judges(self, cls: type[Event]) -> bool:
        """Tell whether this rule judges events of a class."""
        if self.events == (Event,):
            kind = self.readings[0].fold.tag
            return any(each.tag and each.tag.kind == kind for each in tag_fields(cls))
        return cls in self.events


class Revision(Rule):
    """How an event would have been published under other rule data: `revise(state, ..., proposed)`.

    Returns the event with all that rules demand to be equal to what is published; what they only bound was
    decided by somebody, and stays. Raises Refused where nothing published says. Used to judge again what was
    admitted, never when events are published.
    """

    __slots__ = ()


def field_of(reading: Reading[Any], cls: type[Event]) -> tuple[str, bool]:
    """Return the field of an event class that a reading follows, and whether it is a list.

    Raises TypeError where the class has no such field: a mistake in a context's RULES.
    """
    for each in fields(cls):
        if reading.field:
            matches = each.name == reading.field
        else:
            matches = each.tag is not None and each.tag.kind == reading.fold.tag
        if matches:
            return each.name, get_origin(each.base) is list
    msg = f"{cls.__name__} has no field for {reading.fold.name} ({reading.field or reading.fold.tag})"
    raise TypeError(msg)


def refuse_if(condition: object, code: str, sentence: str) -> None:
    """Raise Refused where the condition holds."""
    if condition:
        raise Refused(code, sentence)
