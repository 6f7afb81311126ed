"""Readers: which classes of events are judged on what events of a class change."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TypeAlias

from events.contract import fields
from events.event import Event, Statement
from events.rewriting import rewrites
from streams.ground.judging_plan import JudgingPlan
from streams.ground.worlds import Types

Plans: TypeAlias = Mapping[type[Event], JudgingPlan]


class Readers:
    """The classes that are judged on histories of a kind of tag. Rewriting events and statements are not among them."""

    def __init__(self, plans: Plans) -> None:
        self.plans = plans
        self._judged = [cls for cls in plans if not rewrites(cls) and not issubclass(cls, Statement)]
        self._found: dict[tuple[str, type[Event], bool], Types] = {}

    @cached_property
    def citing(self) -> Types:
        """The classes that cite other events."""
        return tuple(cls for cls in self._judged if any(each.cites for each in fields(cls)))

    def then(self, kind: str, cls: type[Event]) -> Types:
        """Return the classes judged on what events of a class had changed by then."""
        return self._reading(kind, cls, then=True)

    def ever(self, kind: str, cls: type[Event]) -> Types:
        """Return the classes judged on what events of a class change whenever they occur, and those that cite events."""
        return (*self._reading(kind, cls, then=False), *self.citing)

    def any_time(self, kind: str, cls: type[Event]) -> Types:
        """Return the classes judged on what events of a class change, by then or whenever they occur."""
        return (*self._reading(kind, cls, then=True), *self._reading(kind, cls, then=False))

    def of_kind(self, kind: str) -> Types:
        """Return the classes judged on any history of a kind of tag."""
        return tuple(
            cls
            for cls in self._judged
            if any(fold.tag == kind for folds in self.plans[cls].reads for fold in folds)
        )

    def _reading(self, kind: str, cls: type[Event], *, then: bool) -> Types:
        found = self._found.get((kind, cls, then))
        if found is None:
            found = tuple(each for each in self._judged if self._reads(each, kind, cls, then=then))
            self._found[kind, cls, then] = found
        return found

    def _reads(self, reader: type[Event], kind: str, cls: type[Event], *, then: bool) -> bool:
        return any(
            fold.tag == kind and cls in fold.events and cut == then
            for check in self.plans[reader].checks
            for _, fold, cut in check.reads
        )
