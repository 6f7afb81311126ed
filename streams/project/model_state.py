"""The state of a read model that is being projected: its table and position, its rows in memory, what is held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import structlog
from msgspec.structs import replace

from events.catalogue import names
from events.event import Event
from events.order import moment
from projections.read_model import Key
from streams.history.version import subscription
from streams.project.row_cache import RowCache
from streams.read_ports import FirstHeld, Held, RefoldMark, Table

MOST_HELD = 100
"""Quarantined tags of one read model. Above this many, suspect the fold, not the data: the flow stops."""
MOST_LISTED = 1000
"""Held events listed per tag, so that one busy tag cannot fill the table; the log has the others."""

RowEvents: TypeAlias = "list[tuple[Key, Event]]"
"""Events in order, each with the key of a row that it changes."""

_log = structlog.get_logger(__name__)


class TooManyHeld(Exception):
    """Too many tags of a read model are held: its fold, or the log, must be at fault."""

    def __init__(self, model: str, count: int) -> None:
        super().__init__(f"too-many-held: {count} keys of the read model '{model}' are held; see its fold")
        self.model = model


def first_held(held: Iterable[Held]) -> dict[int, FirstHeld]:
    """Return the first event of each tag that is held."""
    found: dict[int, FirstHeld] = {}
    for each in sorted(held, key=moment):
        first = found.setdefault(each.tag, FirstHeld(each.occurred_at, each.position))
        first.listed += 1
    return found


class ModelState:
    """One read model while it is being projected. It owns what is held of the model."""

    def __init__(self, table: Table, position: int = 0, epoch: int = 0, *, table_empty: bool = False) -> None:
        self.model, self.table, self.position, self.epoch = table.model, table, position, epoch
        self.types = frozenset(names()[each] for each in subscription(table.model))
        self.rows = RowCache(table.model)
        self.table_empty = table_empty
        """Whether the table has no rows yet, so that none need be loaded from it."""
        self.pending: RowEvents = []
        """Events that have been routed to rows and are still to be folded."""
        self.held: dict[int, FirstHeld] = {}
        """The first held event by the key of its tag."""
        self.held_loaded = table_empty
        """Whether `held` has been read from the store; in an empty table nothing can be held."""
        self._marks: dict[str, dict[Key | None, int]] = {}
        self.standing: set[str] = set()
        """The values of which all rows stand as they are, because they are folded again beside the projector."""
        self.newly_held: list[Held] = []
        self.newly_released: list[int] = []

    def tag(self, value: str) -> str:
        """Return the tag with this value."""
        return f"{self.model.fold.tag}:{value}"

    def load_held(self, held: Mapping[int, FirstHeld], marks: Iterable[RefoldMark] = ()) -> None:
        """Set what the store has as held, and as marked."""
        self.held, self.held_loaded = dict(held), True
        for each in marks:
            self.mark(each)

    def mark(self, mark: RefoldMark) -> None:
        """Note rows that are folded again beside the projector."""
        self._marks.setdefault(mark.value, {})[mark.key] = mark.since
        if mark.key is None:
            self.standing.add(mark.value)

    def unmark(self, value: str) -> bool:
        """Forget the marks of a value; report whether there were any."""
        self.standing.discard(value)
        return self._marks.pop(value, None) is not None

    def covers(self, rows: Iterable[Key | None], value: str) -> bool:
        """Report whether rows of a value are all marked."""
        marked = self._marks.get(value)
        return marked is not None and (None in marked or all(each in marked for each in rows))

    def covering(self, marks: Sequence[RefoldMark]) -> Sequence[RefoldMark]:
        """Return marks as they are to be made: where all rows of the value are marked, that mark has to be raised."""
        if not marks or marks[0].value not in self.standing:
            return marks
        return [replace(marks[0], key=None, since=max(each.since for each in marks))]

    def hold(self, held: Held) -> None:
        """Hold an event; of a tag, the first one first. Raises TooManyHeld."""
        first = self.held.get(held.tag)
        if first is None:
            first = self.held[held.tag] = FirstHeld(held.occurred_at, held.position)
            _log.warning("held", model=self.model.name, tag=held.tag, position=held.position, type=held.type)
        if first.listed < MOST_LISTED:
            self.newly_held.append(held)
        first.listed += 1
        self.check(len(self.held))

    def check(self, count: int) -> None:
        """Raise TooManyHeld if this number of held tags, over all partitions, points to a fault."""
        if count >= MOST_HELD:
            raise TooManyHeld(self.model.name, count)

    def release(self, tag: int) -> None:
        """Hold nothing of a tag any more."""
        if self.held.pop(tag, None) is not None:
            self.newly_released.append(tag)
            self.newly_held = [each for each in self.newly_held if each.tag != tag]

    def take_changes(self) -> tuple[list[int], list[Held]]:
        """Return the tags released and the events held since the last call."""
        changes = self.newly_released, self.newly_held
        self.newly_released, self.newly_held = [], []
        return changes
