"""The eraser: follows the log and destroys the keys of erased persons. Log and tree stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from events.alias import other_names
from events.catalogue import names
from events.clock import day
from events.entry import key
from events.erasing import Erased, Pair, erased, erasing_types
from events.event import Event
from events.rewriting import effective, rewriting_types
from streams.history.histories import Histories
from streams.ports import Codec, Log

BOOKMARK_LAG = 10_000
"""Positions that the bookmark may lag while nobody is erased (each erasure moves it too): reading that many again after
a restart takes a moment, and the key store is seldom written to."""


class Keys(Protocol):
    """The keys of personal data."""

    def destroy(self, pairs: Sequence[Pair]) -> int:
        """Destroy keys for good, so that none is ever made in their place; return how many there were."""

    def destroyed(self, pairs: Sequence[Pair]) -> bool:
        """Report whether all of these keys are destroyed."""


class Bookmarks(Protocol):
    """A bookmark for each log: the position up to which its erasures have taken effect.

    They are kept with the keys: if a restore brings keys back, it brings the older bookmark back too, and the erasures
    since then are repeated.
    """

    def position(self, log_id: str) -> int:
        """Return the position of a log's bookmark, 0 if it has none."""

    def move(self, log_id: str, position: int) -> None:
        """Move a log's bookmark; the keys of erasures up to this position are already destroyed."""


class Eraser:
    """Follows one log. Killed at any point, it resumes at its bookmark: destroying a key twice has no effect."""

    def __init__(
        self, log: Log, codec: Codec, keys: Keys, bookmarks: Bookmarks, now: Callable[[], int]
    ) -> None:
        self._log, self._codec, self._keys, self._bookmarks, self._now = log, codec, keys, bookmarks, now
        self._types = [key(names()[each]) for each in erasing_types()]
        self._bookmark = self._seen = bookmarks.position(log.id)
        self._day = ""

    @property
    def position(self) -> int:
        """The position up to which erasures have taken effect."""
        return self._seen

    def step(self) -> int:
        """Destroy the keys of persons whom the log has newly erased, or whose data is due today; return how many persons."""
        head, today, count = self._log.head(), day(self._now()), 0
        for event, found in self._erased(self._seen, head):
            self._keys.destroy(self._pairs(event, found, today))
            self._move_bookmark(event.position)
            count += 1
        if today != self._day:
            count += self._expire(today)
            self._day = today
        self._seen = max(self._seen, head)
        if self._seen >= self._bookmark + BOOKMARK_LAG:
            self._move_bookmark(self._seen)
        return count

    def _expire(self, today: str) -> int:
        """Destroy the keys of data that was kept until a day before today; return of how many persons."""
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
        """Return the keys to destroy, as pairs of number and retention class."""
        numbers = numbers_of(self._log, self._codec, found.tag, event.position)
        return [(number, retention) for number in numbers for retention in found.due(today)]

    def _move_bookmark(self, position: int) -> None:
        self._bookmarks.move(self._log.id, position)
        self._bookmark = position


def numbers_of(log: Log, codec: Codec, tag: str, upto: int) -> list[str]:
    """Return the value of a tag and its aliases at a position: those merged into it and not separated again."""
    histories, (kind, _, value) = Histories(log, codec, upto=upto), tag.partition(":")
    known, new = [value], {value}
    while new:
        wanted = dict.fromkeys((f"{kind}:{each}" for each in new), rewriting_types(kind))
        found = histories.query(wanted)
        merged = {
            name
            for alias, history in found.items()
            for name in other_names(alias.partition(":")[2], effective(history))
        }
        new = merged.difference(known)
        known += sorted(new)
    return known
