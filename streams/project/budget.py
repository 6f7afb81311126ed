"""The budget of a batch: how much of what is to be folded again fits into its short transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

from projections.read_model import ReadModel
from streams.history.aliases import Aliases
from streams.history.length import MOST_AT_ONCE, lengths
from streams.ports import Log
from streams.project.stride import Stride

MOST_REFOLDED = MOST_AT_ONCE
"""Events that the transaction of a batch folds again at most, with the longest stride."""

Fit: TypeAlias = Literal["now", "later", "never"]
"""Whether a history fits into the budget together with those that are shorter, only by itself, or not at all."""

Wanted: TypeAlias = tuple[ReadModel[Any], str]
"""A model, and a value of its tag of which rows are to be folded again."""


class Budget:
    """Counts what folding again takes, but no further than the budget reaches."""

    def __init__(self, log: Log, aliases: Aliases, stride: Stride) -> None:
        self._log, self._aliases, self._stride = log, aliases, stride

    def sort(self, wanted: Sequence[Wanted]) -> list[Fit]:
        """Report for each whether it fits; the cheapest come first, so that one long history holds up no other."""
        most = self._stride.of(MOST_REFOLDED)
        counts = self._counts(wanted, most)
        fits: list[Fit] = ["never"] * len(wanted)
        left = most
        for place in sorted(range(len(wanted)), key=counts.__getitem__):
            left -= counts[place]
            if counts[place] <= most:
                fits[place] = "now" if left >= 0 else "later"
        return fits

    def _counts(self, wanted: Sequence[Wanted], most: int) -> list[int]:
        """Return the number of events in each history under all names of its value; none if that is an alias."""
        names, owners = list[Wanted](), list[int]()
        for place, (model, value) in enumerate(wanted):
            kind = model.fold.tag
            if self._aliases.root(kind, value) == value:
                members = self._aliases.members(kind, value)
                names += [(model, each) for each in members]
                owners += [place] * len(members)
        counts = [0] * len(wanted)
        for place, count in zip(owners, lengths(self._log, names, most), strict=True):
            counts[place] += count
        return counts
