"""Dated rule data: versions published with their first day, and the one in force on a day.

Rules and rows fold it alike. A context publishes its own (a stage table, terms, a transfer rule) as an event that is
`RuleData`, and defines its history once, beside that event, with `dated` or `numbered`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Struct, field

from events.contract import tag_fields
from events.event import Event, Tag
from events.fold import Fold

S = TypeVar("S")

RULES_TAG = Tag("rules")
"""The tag of rule data that a context publishes as a whole: `rules:roll`, `rules:projects`."""


class RuleData(Event, frozen=True):
    """Rule data about one thing, in force from a day on; its tag has no aliases."""


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


class Versions(Struct, Generic[D]):
    """All versions published under one name; the day decides which of them counts.

    `retired` is the day of the last retirement, `before` the number of versions that it ended: a version
    published after a retirement is in force again.
    """

    name: str
    published: list[D] = field(default_factory=list)
    retired: str = ""
    before: int = 0

    def on(self, day: str) -> D | None:
        """Return the version in force on a day, or None."""
        retired = self.retired and self.retired <= day
        return in_force(self.published[self.before :] if retired else self.published, day)

    @property
    def ended(self) -> bool:
        """Whether it is retired and nothing has been published since."""
        return 0 < self.before == len(self.published)


def follow(state: Versions[Any], event: Event) -> None:
    """Keep every version; an event that is not rule data retires the versions before it, from its day on."""
    if isinstance(event, RuleData):
        state.published.append(event)
    else:
        state.retired, state.before = event.day, len(state.published)


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
