"""Differences that a replay finds (verdicts, figures, rows), as lines for people or as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import msgspec

from events.clock import instant
from projections.read_model import Key
from streams.history.explain import Origin
from streams.recheck.compare import Figure, differing
from streams.recheck.rejudge import ChangedVerdict
from streams.recheck.replay import Difference

ReplayFinding: TypeAlias = ChangedVerdict | Figure | Difference

MOST_EVENTS = 5
"""How many of the events that make a difference a line names; JSON has all."""


def as_json_line(each: ReplayFinding) -> str:
    """Return a difference as JSON. Its field `told` names the kind; times are in ISO 8601, sealed values in base64."""
    made = msgspec.to_builtins(each)
    for event in made.get("events", ()):
        for clock in ("occurred_at", "recorded_at"):
            event[clock] = instant(event[clock])
    return msgspec.json.encode(made).decode()


def as_lines(each: ReplayFinding, day: str) -> Iterator[str]:
    """Give the lines that describe a difference."""
    match each:
        case ChangedVerdict():
            name = f"{each.position} {each.type} {each.source}#{each.id}"
            yield f"{name}: {each.code}, {each.sentence} ({each.rule})"
        case Figure():
            more = "" if each.difference is None else f" ({each.difference:+g})"
            change = f"{_value(each.before)} -> {_value(each.after)}{more}"
            yield f"{each.model} {_key(each.key)} {each.field}: {change}{_events(each.events)}"
        case Difference():
            yield from _row(each, day)


def _row(each: Difference, day: str) -> Iterator[str]:
    name = f"{each.model} {_key(each.key)}"
    if each.live is None:
        yield f"{name}: there is no row, by its history there is one{_events(each.events)}"
    elif each.folded is None:
        yield f"{name}: there is a row, by its history there is none{_events(each.events)}"
    else:
        fields = differing(each.live.row, each.folded.row, day)
        fields = fields or {"position": (each.live.position, each.folded.position)}
        for field, (live, folded) in fields.items():
            yield f"{name} {field}: {_value(live)}, by its history {_value(folded)}{_events(each.events)}"


def _key(key: Key) -> str:
    return "/".join(map(str, key))


def _value(value: Any) -> str:
    if isinstance(value, bytes):
        return "(sealed)"
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _events(events: Sequence[Origin]) -> str:
    if not events:
        return ""
    named = ", ".join(f"{each.type} at {each.position}" for each in events[:MOST_EVENTS])
    more = len(events) - MOST_EVENTS
    return f" [{named}{f' and {more} more' if more > 0 else ''}]"
