"""Shares: which rows one projector folds, those of a partition or those of one process of a rebuild."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from streams.bus.topics import partition_of


class Share(Struct, frozen=True):
    """The rows whose tag value hashes to partition `number` of `of`."""

    number: int = 0
    of: int = 1

    @property
    def mine(self) -> Callable[[str], bool] | None:
        """A predicate on tag values: whether their rows belong to this share. None if all rows do."""
        return self._has if self.of > 1 else None

    def chosen(self, values: Iterable[str]) -> list[str]:
        """Return the tag values whose rows belong to this share."""
        mine = self.mine
        return [each for each in values if mine is None or mine(each)]

    def _has(self, value: str) -> bool:
        return partition_of(value, self.of) == self.number


WHOLE = Share()
"""All rows."""
