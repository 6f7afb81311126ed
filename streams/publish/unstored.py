"""An event whose personal fields are sealed under new keys, which nobody has stored yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from events.entry import Proposal
from events.erasing import Pair
from events.event import Event


class DataKey(Struct, frozen=True, weakref=True):
    """A key and its id, which every value that it seals begins with."""

    id: int
    key: bytes


class Unstored(Protocol):
    """The seals of an event that are under new keys."""

    @property
    def keys(self) -> Mapping[Pair, DataKey]:
        """The new keys."""

    def sealed_again(self, keys: Mapping[Pair, DataKey]) -> tuple[Event, Proposal]:
        """Return the event sealed under these keys, which are stored, in place of new ones."""
