"""An explained row as an object for JSON: the value of each field, and the event that set it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.wire.cloudevent import OpenBatch
from events.clock import instant
from streams.history.explain import Explained, Origin


def as_object(found: Mapping[str, Explained], open_batch: OpenBatch | None) -> dict[str, dict[str, Any]]:
    """Return each field's `value` and `set_by`; sealed values stay sealed if nothing opens them."""
    values = {name: each.value for name, each in found.items()}
    closed = [name for name, each in values.items() if isinstance(each, bytes) and each]
    if closed and open_batch:
        opened = open_batch([values[name] for name in closed])
        values |= dict(zip(closed, opened, strict=True))
    return {name: {"value": values[name], "set_by": _origin(each.origin)} for name, each in found.items()}


def _origin(origin: Origin | None) -> dict[str, Any] | None:
    if origin is None:
        return None
    return {
        "type": origin.type,
        "position": origin.position,
        "source": origin.source,
        "id": origin.id,
        "occurred_at": instant(origin.occurred_at),
        "recorded_at": instant(origin.recorded_at),
        **dict(origin.extensions),
    }
