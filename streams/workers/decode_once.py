"""A codec that decodes each entry once, though many partitions have it."""

from __future__ import annotations

from collections.abc import Sequence

from events.entry import Header, Proposal, Stored
from events.event import Event
from streams.ports import Codec


class Once:
    """Decodes entries of one log, and keeps the events until it is told to forget. One thread uses it."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._known: dict[int, Event] = {}

    def propose(self, event: Event) -> Proposal:
        """Encode an event."""
        return self._codec.propose(event)

    def decode(self, stored: Stored) -> Event:
        """Decode an entry of the log. Raises Undecodable."""
        found = self._known.get(stored.position)
        if found is None:
            found = self._known[stored.position] = self._codec.decode(stored)
        return found

    def event(self, position: int, header: Header) -> Event:
        """Decode an entry that has been taken apart. Raises Undecodable."""
        return self._codec.event(position, header)

    def decode_all(self, stored: Sequence[Stored]) -> list[Event]:
        """Decode entries of the log, in order. Raises Undecodable."""
        return [self.decode(each) for each in stored]

    def forget(self) -> None:
        """Keep no event any longer."""
        self._known = {}
