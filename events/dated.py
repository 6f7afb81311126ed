"""Dated rule data: versions published with their first day, and the one in force on a day.

Rules and rows fold it alike. A context publishes its own (a stage table, terms, a transfer rule) as an event that is
`RuleData`, and defines its history once, beside that event, with `dated` or `numbered`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Struct, field

from events.contract import tag_fields
from events.event import Day, Event, Tag
from events.fold import Fold

S = TypeVar("S")

RULES_TAG = Tag("rules")
"""The tag of rule data that a context publishes as a whole: `rules:roll`, `rules:projects`."""


class RuleData(Event, frozen=True):
    """Rule data about one thing, in force from a day on; its tag has no aliases."""


class LimitedRuleData(RuleData, frozen=True, kw_only=True):
    """Rule data that may state its last day, `until`; nothing older is in force again after it."""

    until: Day | None = None


class Dated(Protocol):
    """Something in force from a day on, until a newer version is."""

    @property
    def since(self) -> str:
        """The first day on which it is in force."""


D = TypeVar("D", bound=Dated)


def in_force(versions: Sequence[D], day: str) -> D | None:
    """Return the version in force on a day: of the latest `since` not after it, the last published."""
    found: D | None = None
    for each in versions:
        if each.since <= day and (found is None or each.since >= found.since):
            found = each
    return found


class Retirement(Struct, frozen=True):
    """A retirement: from `day` on, the first `before` versions are not in force any more."""

    day: str
    before: int


class Versions(Struct, Generic[D]):
    """All versions published under one name, and all retirements of it; the day decides which version counts.

    A retirement ends every version published before it, from its day on, and no other: a version published after it is
    in force from its own first day on, and days in between stay without one.
    """

    name: str
    published: list[D] = field(default_factory=list)
    retirements: list[Retirement] = field(default_factory=list)

    def on(self, day: str) -> D | None:
        """Return the version in force on a day: the latest that has begun, unless it has ended; None without one."""
        ended = max((each.before for each in self.retirements if each.day <= day), default=0)
        found: Any = in_force(self.published[ended:], day)
        over = isinstance(found, LimitedRuleData) and found.until is not None and found.until < day
        return None if over else found

    @property
    def ended(self) -> bool:
        """Whether it is retired and nothing has been published since."""
        return bool(self.retirements) and self.retirements[-1].before == len(self.published)


def follow(state: Versions[Any], event: Event) -> None:
    """Keep every version; an event that is not rule data retires the versions before it, from its day on."""
    if isinstance(event, RuleData):
        state.published.append(event)
    else:
        state.retirements.append(Retirement(event.day, len(state.published)))


class Data(Struct, Generic[S], frozen=True):
    """The history of one fixed tag, read for every event and every answer: the rule data of a context."""

    fold: Fold[S]
    value: str


def dated(published: type[D], value: str) -> Data[Versions[D]]:
    """Return the history of rule data that is published under one fixed value of its tag."""
    return Data(numbered(published), value)


def numbered(published: type[D], retired: type[Event] | None = None) -> Fold[Versions[D]]:
    """Return the fold of rule data published under numbers; an event of type `retired` retires it.

    Raises TypeError if the type is not rule data, or has no tag.
    """
    kinds = [each.tag.kind for each in tag_fields(published) if each.tag]
    if RuleData not in published.__mro__ or not kinds:
        raise TypeError(f"{published.__name__} is not rule data with a tag")
    types: tuple[Any, ...] = (published,) if retired is None else (published, retired)
    return Fold(kinds[0], Versions, follow, types)
