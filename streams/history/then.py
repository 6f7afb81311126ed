"""Rows as of a time: folded from histories on demand, many of them from one query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from projections.read_model import Key, ReadModel
from streams.history.length import MOST_AT_ONCE, lengths
from streams.history.past import DecodedHistory, Past
from streams.history.refold import refold_events
from streams.history.version import subscription
from streams.ports import Log
from streams.read_ports import Line

Model = ReadModel[Any]


class TooLongToFold(Exception):
    """The histories that an answer would be folded from have too many events."""

    def __init__(self, model: Model) -> None:
        whole = ", ".join(model.key)
        narrower = f"give the whole key ({whole}), or " if len(model.key) > 1 else ""
        super().__init__(
            f"over {MOST_AT_ONCE:,} events would have to be folded: {narrower}ask for fewer keys, or leave the times out"
        )


def check_length(log: Log, model: Model, values: Sequence[str]) -> None:
    """Raise TooLongToFold if the histories of these values of the model's tag have too many events together."""
    if sum(lengths(log, [(model, each) for each in values], MOST_AT_ONCE)) > MOST_AT_ONCE:
        raise TooLongToFold(model)


def rows_then(log: Log, past: Past, model: Model, begun: Sequence[Key]) -> dict[Key, dict[Key, Line] | None]:
    """Return the past rows whose keys begin so, by that beginning; None if the value was merged into another.

    Raises TooLongToFold.
    """
    of_day = [each for each in begun if len(each) == len(model.key) and model.day_of(each) is not None]
    values = list(dict.fromkeys(each[0] for each in begun if each not in of_day))
    check_length(log, model, values)
    tags = {value: f"{model.fold.tag}:{value}" for value in values}
    histories: Mapping[str, DecodedHistory] = (
        past.apart(dict.fromkeys(tags.values(), subscription(model))) if tags else {}
    )
    found = {each: _rows(model, each, past.of_row(model, each)) for each in of_day}
    return found | {each: _rows(model, each, histories[tags[each[0]]]) for each in begun if each not in found}


def _rows(model: Model, begun: Key, history: DecodedHistory) -> dict[Key, Line] | None:
    folded = refold_events(model, begun[0], history)
    if folded.merged:
        return None
    return {row: line for row, line in folded.lines.items() if row[: len(begun)] == begun}
