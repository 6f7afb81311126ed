"""A read model on its way: its table, how far it is, its rows in memory and what is held from them."""

from __future__ import annotations

from typing import TypeAlias

import structlog

from events.catalogue import names
from events.event import Event
from projections.read_model import Key
from streams.history.version import subscription
from streams.project.row_cache import Rows
from streams.read_ports import Held, Table

MOST_HELD = 100
"""So many held tags of one read model are no poison but a fault."""
MOST_LISTED = 1000
"""So many held events of a tag are listed; the others are in the log."""

Todo: TypeAlias = "list[tuple[Key, Event]]"

_log = structlog.get_logger(__name__)


class TooManyHeld(Exception):
    """So many tags of a read model are held that its fold, or the log, must be at fault."""

    def __init__(self, model: str, count: int) -> None:
        super().__init__(f"too-many-held: {count} keys of the read model '{model}' are held; see its fold")
        self.model = model


class Plan:
    """One read model on its way: its table, how far it is, its rows in memory and what is held."""

    def __init__(self, table: Table, position: int = 0, epoch: int = 0, *, fresh: bool = False) -> None:
        self.model, self.table, self.position, self.epoch = table.model, table, position, epoch
        self.rows = Rows(table.model)
        self.fresh = fresh
        """Whether the table is empty, so that no row need be looked for in it."""
        self.agreed = fresh
        """Whether `held` is known."""
        self.held: dict[int, int] = {}
        self.news: list[Held] = []
        self.released: list[int] = []
        self.todo: Todo = []
        self.types = frozenset(names()[each] for each in subscription(table.model))

    def tag(self, value: str) -> str:
        """Return the tag with this value."""
        return f"{self.model.fold.tag}:{value}"

    def hold(self, held: Held) -> None:
        """Hold an event. Raises TooManyHeld."""
        listed = self.held.get(held.tag, 0)
        if listed < MOST_LISTED:
            self.news.append(held)
        self.held[held.tag] = listed + 1
        if listed == 0:
            _log.warning("held", model=self.model.name, tag=held.tag, position=held.position, type=held.type)
        self.check(len(self.held))

    def check(self, count: int) -> None:
        """Raise TooManyHeld where so many held tags, those of other partitions included, are no poison but a fault."""
        if count >= MOST_HELD:
            raise TooManyHeld(self.model.name, count)

    def release(self, tag: int) -> None:
        """Hold a tag no longer."""
        if self.held.pop(tag, None) is not None:
            self.released.append(tag)
            self.news = [each for each in self.news if each.tag != tag]
