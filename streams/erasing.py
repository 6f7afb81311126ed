"""Erase: follow the log, and destroy the keys of whom it says are erased. Log and tree stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from events.alias import other_names
from events.catalogue import names
from events.entry import key
from events.erasing import Erased, erased, erasing_types
from events.event import Event
from events.rewriting import effective, rewriting_types
from streams.history import Histories
from streams.ports import Codec, Log

AT_ONCE = 10_000
"""So far the bookmark may lag where nobody was erased: it is written for that, and with each erasure."""

Pair = tuple[str, str]
"""A person's number and a retention class."""


class Keys(Protocol):
    """What destroys keys. It keeps the bookmark itself: restored from a backup, it destroys again what came back."""

    def followed(self, log_id: str) -> int:
        """Return the position up to which erasures of a log have taken effect."""

    def destroy_all(self, pairs: Sequence[Pair]) -> int:
        """Destroy keys for good, so that none is made in their place; return how many there were."""

    def follow(self, log_id: str, position: int) -> None:
        """Keep up to which position erasures have taken effect. They have: keys are destroyed before."""


class Eraser:
    """Follows one log. Killed at any point, it goes on where it was: a key is destroyed again without effect."""

    def __init__(self, log: Log, codec: Codec, keys: Keys) -> None:
        self._log, self._codec, self._keys = log, codec, keys
        self._types = [key(names()[each]) for each in erasing_types()]
        self._kept = self._seen = keys.followed(log.id)

    def step(self) -> int:
        """Destroy the keys of whom the log says are erased; return how many persons those were."""
        head, count = self._log.head(), 0
        for batch in self._log.tail(self._seen, head, self._types):
            for event in self._codec.decode_all(batch):
                if (found := erased(event)) is not None:
                    self._keys.destroy_all(pairs(self._log, self._codec, event, found))
                    self._keep(event.position)
                    count += 1
        self._seen = max(self._seen, head)
        if self._seen >= self._kept + AT_ONCE:
            self._keep(self._seen)
        return count

    def _keep(self, position: int) -> None:
        self._keys.follow(self._log.id, position)
        self._kept = position


def pairs(log: Log, codec: Codec, event: Event, found: Erased) -> list[Pair]:
    """Return whose keys of which classes an erasing event destroys."""
    numbers = numbers_of(log, codec, found.tag, event.position)
    return [(number, retention) for number in numbers for retention in found.gone]


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
