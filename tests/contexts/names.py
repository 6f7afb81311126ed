"""Whom a refusal names: each scenario is repeated with marked numbers, and its sentence is searched for those of others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from domain.catalogue import RULES
from domain.rule import Refused
from events.contract import Field, fields, tags
from events.event import Event
from events.patterns import IDENTIFIER, anchored
from streams.publish.judge import Judge
from streams.publish.warm_folds import WarmFolds
from streams.scenario import WARM_BYTES, ListedHistories, timed

S = TypeVar("S", bound=Struct)

MARK = "zz-"
_MARKED = re.compile(rf"{MARK}[A-Za-z0-9._:-]*[A-Za-z0-9]")

IDENTIFYING = {"account", "document", "person"}
"""Kinds of tags whose values identify a person: no refusal tells them, even of a person whom the event names."""

SOMEBODYS = IDENTIFYING | {
    "appointment",
    "award",
    "certificate",
    "conduct",
    "credit-transfer",
    "entry",
    "learning-account",
    "outcome",
    "qualification",
    "review",
    "transfer",
    "warning",
}
"""Kinds of tags whose values belong to persons: only those of a person whom the event names may be told.

All other kinds are of organisations, their things and published data.
"""


def others_named(history: Sequence[Event], proposed: Event, code: str) -> set[str]:
    """Return persons, and what belongs to persons, that the refusal names though the proposed event does not."""
    told = [marked(each) for each in history]
    asked = marked(proposed)
    refused = judged(told, asked)
    if refused is None or refused.code != code:
        return set()
    given = set(texts(asked))
    private = {value for each in told for kind, value in _tags(each) if kind in SOMEBODYS}
    own = {
        value
        for each in told
        if any(kind == "person" and value in given for kind, value in _tags(each))
        for kind, value in _tags(each)
        if kind not in IDENTIFYING
    }
    return set(_MARKED.findall(refused.sentence)) & private - given - own


def _tags(event: Event) -> Iterator[tuple[str, str]]:
    for tag in tags(event):
        kind, _, value = tag.partition(":")
        yield kind, value


def judged(history: Sequence[Event], proposed: Event) -> Refused | None:
    """Return how an event is refused on a history, None if it is admitted."""
    histories = ListedHistories(history)
    judge = Judge(RULES, WarmFolds(histories, WARM_BYTES))
    latest = max((each.occurred_at for each in histories.events), default=0)
    (prepared,) = judge.prepare(timed([proposed], latest)).events
    return judge.refusal(prepared)


def marked(event: S) -> S:
    """Return an event or record in which every number has the mark."""
    return replace(
        event, **{each.name: _marked(each, getattr(event, each.name)) for each in fields(type(event))}
    )


def _marked(field: Field, value: Any) -> Any:
    if isinstance(value, list):
        return [_marked(field, each) for each in value]
    if isinstance(value, Struct):
        return marked(value)
    if not isinstance(value, str):
        return value
    if field.tags:
        kind, _, rest = value.partition(":")
        return f"{kind}:{MARK}{rest}" if kind in SOMEBODYS else value
    hashed = field.tag is not None and field.tag.hashed is not None
    return (
        MARK + value if hashed or any(each.pattern == anchored(IDENTIFIER) for each in field.meta) else value
    )


def texts(value: Any) -> Iterator[str]:
    """Give all texts of an event or record."""
    if isinstance(value, str):
        yield value.rpartition(":")[2]
    elif isinstance(value, Struct):
        yield from _all(getattr(value, each) for each in value.__struct_fields__)
    elif isinstance(value, list):
        yield from _all(value)


def _all(values: Iterable[Any]) -> Iterator[str]:
    for each in values:
        yield from texts(each)
