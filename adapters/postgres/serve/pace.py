"""The pace of the read models: which of them stand still although the log goes on."""

from __future__ import annotations

from collections.abc import Mapping

STANDING_SECONDS = 10.0
"""How long a read model may stay at one position, before the end of the log, until that is a fault."""


class Pace:
    """Remembers since when each read model has been where it is."""

    def __init__(self) -> None:
        self._since: dict[str, tuple[int, float]] = {}

    def look(self, positions: Mapping[str, int], head: int, now: float) -> None:
        """Take note of the positions at a time in seconds."""
        for model, position in positions.items():
            known = self._since.get(model)
            if position >= head:
                self._since.pop(model, None)
            elif known is None or known[0] != position:
                self._since[model] = position, now

    def standing(self, now: float) -> dict[str, int]:
        """Return the read models that stand, each with the position at which it does."""
        return {
            model: position
            for model, (position, since) in sorted(self._since.items())
            if now - since >= STANDING_SECONDS
        }
