"""How long histories are, counted along the index no further than anybody wants to know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from events.entry import key
from projections.read_model import ReadModel
from streams.history.histories import type_keys
from streams.history.version import subscription
from streams.ports import History, Log

MOST_AT_ONCE = 20_000
"""Events that are folded at once at most, each counted for every model: about half a second of CPU.

A transaction that takes over 5 s is aborted by the store, and a reader has no more patience.
"""


def lengths(log: Log, wanted: Sequence[tuple[ReadModel[Any], str]], most: int) -> Sequence[int]:
    """Return how many events each model folds of a value of its tag, under that name alone, counted to one above `most`."""
    histories = [
        History(key(f"{model.fold.tag}:{value}"), type_keys(subscription(model))) for model, value in wanted
    ]
    return log.counts(histories, most + 1) if histories else ()
