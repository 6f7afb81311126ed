"""Events as publishers send them."""

from __future__ import annotations

from typing import Any


def event(number: str, type_: str, time: str = "2024-09-01T08:00:00+08:00", **data: Any) -> dict[str, Any]:
    """Return an event as it is sent."""
    return {
        "specversion": "1.0",
        "id": number,
        "source": "urn:test",
        "type": type_,
        "time": time,
        "data": data,
    }
