"""The share of a kind's rows that one projector folds: a partition of its topic, or one process of a rebuild."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from streams.bus.topics import partition_of


class Share(Struct, frozen=True):
    """The rows of the tags whose hash leaves `number` when divided by `of`."""

    number: int = 0
    of: int = 1

    @property
    def mine(self) -> Callable[[str], bool] | None:
        """What tells of a tag's value whether its rows belong to it; None where all do."""
        return self._has if self.of > 1 else None

    def _has(self, value: str) -> bool:
        return partition_of(value, self.of) == self.number


WHOLE = Share()
"""All rows."""
