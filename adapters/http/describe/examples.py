"""Example events: a city's first years, with every type of event, as publishers would send them to an empty log, in order.

Each is admitted after those before it, so that they can be sent as they stand, and sent again.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from adapters.http.describe.schemas import Schema

_BATCH = 10
"""How many events the example of a batch has, which a page shows at once."""


@cache
def examples() -> tuple[dict[str, Any], ...]:
    """Return all example events in order."""
    text = files(__package__).joinpath("examples.jsonl").read_text(encoding="utf-8")
    return tuple(msgspec.json.decode(line) for line in text.splitlines())


def of_single_events() -> Schema:
    """Return OpenAPI's examples of a body with one event."""
    return {each["id"]: {"summary": each["type"], "value": each} for each in examples()}


def of_batches() -> Schema:
    """Return OpenAPI's example of a body with a batch."""
    return {"beginning": {"summary": "The first events of a log", "value": examples()[:_BATCH]}}
