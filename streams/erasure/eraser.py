"""Erase: follow the log, and destroy the keys of whom it says are erased. Log and tree stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from events.alias import other_names
from events.catalogue import names
from events.clock import day
from events.entry import key
from events.erasing import Erased, erased, erasing_types
from events.event import Event
from events.rewriting import effective, rewriting_types
from streams.history.histories import Histories
from streams.ports import Codec, Log

AT_ONCE = 10_000
"""So far the bookmark may lag where nobody was erased: it is written for that, and with each erasure."""

Pair = tuple[str, str]
"""A person's number and a retention class."""


class Keys(Protocol):
    """The keys of personal data."""

    def destroy(self, pairs: Sequence[Pair]) -> int:
        """Destroy keys for good, so that none is made in their place; return how many there were."""

    def destroyed(self, pairs: Sequence[Pair]) -> bool:
        """Return whether all of these keys are destroyed."""


class Bookmarks(Protocol):
    """A bookmark for each log: the position up to which its erasures have taken effect.

    They are kept with the keys: if keys come back from a backup, so do the bookmarks, and the erasures since are
    repeated.
    """

    def position(self, log_id: str) -> int:
        """Return the position of a log's bookmark, 0 if it has none."""

    def move(self, log_id: str, position: int) -> None:
        """Move a log's bookmark; the keys up to there are destroyed already."""


class Eraser:
    """Follows one log. Killed at any point, it goes on where it was: a key is destroyed again without effect."""

    def __init__(
        self, log: Log, codec: Codec, keys: Keys, bookmarks: Bookmarks, now: Callable[[], int]
    ) -> None:
        self._log, self._codec, self._keys, self._bookmarks, self._now = log, codec, keys, bookmarks, now
        self._types = [key(names()[each]) for each in erasing_types()]
        self._kept = self._seen = bookmarks.position(log.id)
        self._day = ""

    @property
    def position(self) -> int:
        """Up to where erasures have taken effect."""
        return self._seen

    def step(self) -> int:
        """Destroy the keys of whom the log says are erased; return how many persons those were."""
        head, today, count = self._log.head(), day(self._now()), 0
        for event, found in self._erased(self._seen, head):
            self._keys.destroy(self._pairs(event, found, today))
            self._keep(event.position)
            count += 1
        if today != self._day:
            count += self._expire(today)
            self._day = today
        self._seen = max(self._seen, head)
        if self._seen >= self._kept + AT_ONCE:
            self._keep(self._seen)
        return count

    def _expire(self, today: str) -> int:
        """Destroy what was kept until before today; return of how many persons that was."""
        count = 0
        for event, found in self._erased(0, self._seen):
            if len(found.due(today)) > len(found.gone):
                wanted = self._pairs(event, found, today)
                if not self._keys.destroyed(wanted):
                    self._keys.destroy(wanted)
                    count += 1
        return count

    def _erased(self, after: int, upto: int) -> Iterator[tuple[Event, Erased]]:
        for batch in self._log.tail(after, upto, self._types):
            for event in self._codec.decode_all(batch):
                if (found := erased(event)) is not None:
                    yield event, found

    def _pairs(self, event: Event, found: Erased, today: str) -> list[Pair]:
        """Return whose keys of which classes are to be destroyed."""
        numbers = numbers_of(self._log, self._codec, found.tag, event.position)
        return [(number, retention) for number in numbers for retention in found.due(today)]

    def _keep(self, position: int) -> None:
        self._bookmarks.move(self._log.id, position)
        self._kept = position


def numbers_of(log: Log, codec: Codec, tag: str, upto: int) -> list[str]:
    """Return the value of a tag and the other names that it had at a position: those merged, and not separated."""
    histories, (kind, _, value) = Histories(log, codec, upto=upto), tag.partition(":")
    known, new = [value], {value}
    while new:
        asked = dict.fromkeys((f"{kind}:{each}" for each in new), rewriting_types(kind))
        found = histories.query(asked)
        merged = {
            name
            for named, history in found.items()
            for name in other_names(named.partition(":")[2], effective(history))
        }
        new = merged.difference(known)
        known += sorted(new)
    return known
