"""An explained row as readers get it: each field's value, opened for those who may read it, and the event that set it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from events.clock import instant
from streams.history.explain import Explained, Origin


class Opener(Protocol):
    """Opens sealed personal data."""

    def open_batch(self, values: Sequence[bytes]) -> list[str | None]:
        """Open sealed values, in order; None if the key was destroyed."""


def told(found: Mapping[str, Explained], opener: Opener | None) -> dict[str, dict[str, Any]]:
    """Return each field's `value` and `set_by`; without an opener, sealed values stay sealed."""
    values = {name: each.value for name, each in found.items()}
    closed = [name for name, each in values.items() if isinstance(each, bytes) and each]
    if closed and opener:
        opened = opener.open_batch([values[name] for name in closed])
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
    }
