"""A final state of one thing, and what is proposed after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from events.event import Event
from events.fold import Fold
from streams.scenario import at


class Case(Struct):
    """A final state: the fold that follows it, a history that leads to it, and what is proposed then.

    `proposed` has the code that refuses each event. `apart` names further types that rules judge by the fold and admit,
    each with the reason why that does not leave the state.
    """

    name: str
    fold: Fold[Any]
    history: Sequence[Event]
    proposed: Mapping[str, Sequence[Event]]
    apart: Mapping[str, str] = {}


def on(day: str, *events: Event) -> list[Event]:
    """Return the events on another day."""
    return [replace(each, occurred_at=at(day)) for each in events]


ANOTHER = "it begins another one"
OTHERS = "it may be about another one, which goes on"
