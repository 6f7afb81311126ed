"""What rules require of dated rule data: a version in force, and a last day that is not before the first."""

from __future__ import annotations

from typing import Protocol, TypeVar

from domain.rule import TooEarly, refuse_if
from events.dated import Dated, Versions

D = TypeVar("D", bound=Dated)


class Limited(Dated, Protocol):
    """Rule data that may state its last day."""

    @property
    def until(self) -> str | None:
        """The last day on which it is in force, or None if it is open-ended."""


def version_on(versions: Versions[D], day: str, code: str, what: str) -> D:
    """Return the version in force on a day. Raises TooEarly if there is none."""
    found = versions.on(day)
    if found is None:
        raise TooEarly(code, f"no {what} are in force on {day}")
    return found


def ends_after_it_begins(published: Limited) -> None:
    """Refuse rule data whose last day is before its first."""
    refuse_if(
        published.until is not None and published.until < published.since,
        "ends-before-it-begins",
        f"the last day {published.until} is before the first day {published.since}",
    )
