"""The budget of a batch: how much of what is to be folded again fits into its short transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

from projections.read_model import ReadModel
from streams.history.aliases import Aliases
from streams.history.length import MOST_AT_ONCE, lengths
from streams.ports import Log

MOST_REFOLDED = MOST_AT_ONCE
"""Events that the transaction of a batch folds again at most."""

Fit: TypeAlias = Literal["now", "later", "never"]
"""Whether a history fits into the budget together with those that are shorter, only by itself, or not at all."""

Wanted: TypeAlias = tuple[ReadModel[Any], str]
"""A model, and a value of its tag of which rows are to be folded again."""


class Budget:
    """Counts what folding again takes, but no further than the budget reaches."""

    def __init__(self, log: Log, aliases: Aliases) -> None:
        self._log, self._aliases = log, aliases

    def sort(self, wanted: Sequence[Wanted]) -> list[Fit]:
        """Report for each whether it fits; the cheapest come first, so that one long history holds up no other."""
        counts = self._counts(wanted)
        fits: list[Fit] = ["never"] * len(wanted)
        left = MOST_REFOLDED
        for place in sorted(range(len(wanted)), key=counts.__getitem__):
            left -= counts[place]
            if counts[place] <= MOST_REFOLDED:
                fits[place] = "now" if left >= 0 else "later"
        return fits

    def _counts(self, wanted: Sequence[Wanted]) -> list[int]:
        """Return the number of events in each history under all names of its value; none if that is an alias."""
        names, owners = list[Wanted](), list[int]()
        for place, (model, value) in enumerate(wanted):
            kind = model.fold.tag
            if self._aliases.root(kind, value) == value:
                members = self._aliases.members(kind, value)
                names += [(model, each) for each in members]
                owners += [place] * len(members)
        counts = [0] * len(wanted)
        for place, count in zip(owners, lengths(self._log, names, MOST_REFOLDED), strict=True):
            counts[place] += count
        return counts
