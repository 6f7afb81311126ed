"""A draft: an event on its way through the door, and how its personal fields are sealed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from adapters.door.intake import Intake
from adapters.keys.sealer import Clear, Sealer
from adapters.wire.cloudevent import Envelope
from events.entry import Proposal
from events.erasing import Pair
from events.event import Event
from streams.publish.unstored import DataKey


class Draft(Struct, gc=False):
    """An event in progress: the values of its fields, personal ones in clear until the whole request is sealed."""

    place: str
    envelope: Envelope
    intake: Intake
    values: dict[str, Any]
    occurred_at: int

    def personal(self) -> list[tuple[str, Clear]]:
        """Return the personal fields that are not None, by name."""
        source, id_, values = self.envelope.source, self.envelope.id, self.values
        return [
            (name, Clear(values[mark.of], mark.retention, source, id_, name, text))
            for name, mark in self.intake.personal
            if (text := values[name]) is not None
        ]


Encode = Callable[[Draft], tuple[Event, Proposal]]


class UnstoredFields:
    """Implements `Unstored`: while keys of a draft are new, it keeps its personal fields in clear."""

    def __init__(
        self,
        draft: Draft,
        fields: Sequence[tuple[str, Clear]],
        keys: dict[Pair, DataKey],
        *,
        sealer: Sealer,
        encode: Encode,
    ) -> None:
        self._draft, self._fields, self.keys = draft, fields, keys
        self._sealer, self._encode = sealer, encode

    def sealed_again(self, keys: Mapping[Pair, DataKey]) -> tuple[Event, Proposal]:
        """Return the event sealed under these keys, which are stored, in place of new ones."""
        again = [each for each in self._fields if each[1].pair in keys]
        sealed = self._sealer.seal_with(keys, [value for _, value in again])
        self._draft.values |= zip((name for name, _ in again), sealed, strict=True)
        for pair in keys:
            del self.keys[pair]
        return self._encode(self._draft)
