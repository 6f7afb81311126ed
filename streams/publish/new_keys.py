"""New keys of personal data: in memory while their event is judged, stored before it is appended, dropped otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from domain.rule import Refused
from events.erasing import Pair
from streams.publish.request import Request, refusal
from streams.publish.unstored import DataKey, Unstored

NOT_DESTROYED = "log.key_not_destroyed"
"""The rule that refuses personal data whose key was destroyed."""

Place = tuple[Request, int]
"""A request, and the index of one of its events."""


StoredKeys = Mapping[Pair, DataKey | None]
"""Keys as they are stored; None for one that is destroyed."""


class KeysOfPersons(Protocol):
    """The stored keys."""

    def stored(self, pairs: Iterable[Pair]) -> StoredKeys:
        """Return the keys of these pairs; those that nobody has stored are left out."""

    def store(self, keys: Mapping[Pair, DataKey]) -> StoredKeys:
        """Store new keys, durable on return; return the keys in force, which others may have stored before."""


class NewKeys:
    """Stores the new keys of admitted events, and gives an event the key that another was stored with first."""

    def __init__(self, keys: KeysOfPersons) -> None:
        self._keys = keys

    def renew(self, places: Iterable[Place]) -> None:
        """Seal events again whose keys others have stored meanwhile, and refuse them if those are destroyed."""
        waiting = _waiting(places)
        if not waiting:
            return
        found = self._keys.stored({pair for *_, each in waiting for pair in each.keys})
        for request, index, each in waiting:
            own = {pair: key for pair, key in found.items() if pair in each.keys}
            alive = {pair: key for pair, key in own.items() if key is not None}
            if len(alive) < len(own):
                request.verdicts[index] = refusal(_destroyed())
            elif alive:
                request.replace(index, *each.sealed_again(alive))
            if not each.keys:
                del request.unstored[index]

    def store(self, places: Iterable[Place]) -> bool:
        """Store the new keys of these events; report whether they are in force, or the events must be renewed."""
        waiting = _waiting(places)
        wanted = {pair: key for *_, each in waiting for pair, key in each.keys.items()}
        if not wanted:
            return True
        found = self._keys.store(wanted)
        if any(found[pair] != key for *_, each in waiting for pair, key in each.keys.items()):
            return False
        for request, index, _ in waiting:
            del request.unstored[index]
        return True


def _waiting(places: Iterable[Place]) -> list[tuple[Request, int, Unstored]]:
    return [
        (request, index, request.unstored[index]) for request, index in places if index in request.unstored
    ]


def _destroyed() -> Refused:
    refused = Refused("erased", "personal data of this person has been erased, and no more is accepted")
    refused.rule = NOT_DESTROYED
    return refused


class _NoKeys:
    """The keys of a publisher that has no key store: its events are not sealed under new keys."""

    def stored(self, pairs: Iterable[Pair]) -> StoredKeys:
        raise NotImplementedError(f"there is no key store for {len(list(pairs))} keys")

    def store(self, keys: Mapping[Pair, DataKey]) -> StoredKeys:
        raise NotImplementedError(f"there is no key store for {len(keys)} keys")


NO_KEYS = NewKeys(_NoKeys())
"""For a publisher of statements and tests: it fails rather than append what nobody could open."""
