"""Rules: pure checks that admit or refuse a proposed event, given the folds that they name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, Literal, TypeAlias, TypeVar, get_origin

from msgspec import Struct
from msgspec.structs import replace

from events.contract import fields, summary, tag_fields
from events.dated import Data
from events.event import Event
from events.fold import Fold, accepted

S = TypeVar("S")
T = TypeVar("T")


Code: TypeAlias = str
"""The code of a refusal, stable and for machines. Whoever gives one writes a literal: the reference lists what is written."""


class Refused(Exception):
    """A rule refuses a proposed event: `code` is for machines, `sentence` for people, `rule` the rule's identity."""

    def __init__(self, code: Code, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence, self.rule = code, sentence, ""


class TooEarly(Refused):
    """The event relies on something that may still arrive: if order is not guaranteed, the event can wait for it."""


Time: TypeAlias = Literal["then", "ever", "data"]
"""Which part of a history a reading sees: what had occurred when the proposed event did; all that is recorded; or rule
data, all of it, which says itself from which day on it is in force."""


class Reading(Struct, Generic[S], frozen=True):
    """The histories that a rule reads: those of `fold`, for the tags in `field` of the proposed event.

    Without `field`, it is the first field whose tag is of the fold's kind. `value` names one fixed history,
    read for every proposed event (rule data). With `each`, the rule is checked for every tag of the kind in
    turn. A field that is None yields the starting state, a list field a list of states. `time` matters when the
    proposed event arrives late: after events of the history that occurred later.
    """

    fold: Fold[S]
    field: str = ""
    value: str = ""
    each: bool = False
    time: Time = "then"


Given: TypeAlias = "Reading[Any] | Fold[Any] | Data[Any]"
"""What may stand for a reading in a rule: a fold alone is read for the first field whose tag is of its kind."""


def of(fold: Fold[S], field: str) -> Reading[S]:
    """Return a reading of the history of the tag in `field`."""
    return Reading(fold, field)


def each_of(fold: Fold[S]) -> Reading[S]:
    """Return a reading for which the rule is checked against each tag of the fold's kind."""
    return Reading(fold, each=True)


def ever(given: Given) -> Reading[Any]:
    """Return a reading of all that is recorded, whenever it occurred: for what holds once and for all, such as a number."""
    return replace(_reading(given), time="ever")


def data(given: Given) -> Reading[Any]:
    """Return a reading of rule data that is published under numbers; what is published as a whole is read so anyway."""
    return replace(_reading(given), time="data")


def _reading(given: Given) -> Reading[Any]:
    match given:
        case Reading():
            return given
        case Data(fold, value):
            return Reading(fold, value=value, time="data")
        case fold:
            return Reading(fold)


class Rule:
    """A check and its readings: `check(state, ..., proposed)` takes one state for each reading, in order.

    The annotation of `proposed` names the events that the rule judges; `Event` itself means all events that
    carry the tag of the first reading. The check raises Refused to refuse and returns None to admit. Context
    and name of the check are the rule's identity, `roll.one_live_entry`; the first paragraph of its docstring
    is the sentence that publishers read. A check shared by several rules needs `name`, `sentence` and `events`.
    """

    __slots__ = ("check", "events", "name", "readings", "sentence")

    def __init__(
        self,
        check: Callable[..., Event | None],
        *readings: Given,
        name: str = "",
        sentence: str = "",
        events: tuple[type[Event], ...] = (),
    ) -> None:
        self.check, self.name, self.sentence = check, name or check.__name__, sentence or summary(check)
        self.readings = tuple(map(_reading, readings))
        self.events = events or accepted(check, "proposed")

    def judges(self, cls: type[Event]) -> bool:
        """Return whether this rule judges events of a class."""
        if self.events == (Event,):
            kind = self.readings[0].fold.tag
            return any(each.tag and each.tag.kind == kind for each in tag_fields(cls))
        return cls in self.events


class Revision(Rule):
    """How an event would have been published under other rule data: `revise(state, ..., proposed)`.

    Returns the event with each value that rules require to equal published data set to the published value;
    a value that rules only bound was somebody's decision and stays. Raises Refused if the published data has
    no such value. Used to judge admitted events again, never to publish.
    """

    __slots__ = ()


def field_of(reading: Reading[Any], cls: type[Event]) -> tuple[str, bool]:
    """Return the field of an event class that a reading follows, and whether it is a list.

    Raises TypeError if the class has no such field, which is a mistake in a context's RULES.
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


def refuse_if(condition: object, code: Code, sentence: str) -> None:
    """Raise Refused if the condition holds."""
    if condition:
        raise Refused(code, sentence)


def too_early_if(condition: object, code: Code, sentence: str) -> None:
    """Raise TooEarly if the condition holds: what is missing may still arrive."""
    if condition:
        raise TooEarly(code, sentence)


def look_up(items: Mapping[str, T], number: str, code: Code, sentence: str) -> T:
    """Return the item with this number. Raises TooEarly if there is none."""
    found = items.get(number)
    if found is None:
        raise TooEarly(code, sentence)
    return found
