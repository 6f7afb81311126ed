"""Events and entries of the log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from adapters.http.disclosure.caller import Caller
from adapters.http.disclosure.fields import SealedFields
from adapters.wire.cloudevent import to_cloudevents
from events.entry import Stored
from events.event import Event
from streams.ports import Codec, Log, Selection, Undecodable


class LogEvents:
    """Gives out events and entries. Every method reads the log: call it in a thread."""

    def __init__(self, log: Log, codec: Codec, fields: SealedFields) -> None:
        self._log, self._codec, self._fields = log, codec, fields

    def select(self, _caller: Caller, selection: Selection) -> Sequence[Stored]:
        """Return the selected entries."""
        return self._log.select(selection)

    def one(self, _caller: Caller, position: int) -> Stored | None:
        """Return the entry at a position, None if the log has none there."""
        found = self._log.read(max(position - 1, 0), position, 1)
        return found[0] if found else None

    def read(self, _caller: Caller, after: int, upto: int) -> Sequence[Stored]:
        """Return the entries with after < position <= upto, in order."""
        return self._log.read(after, upto, upto - after)

    def decoded(self, stored: Sequence[Stored]) -> Iterator[tuple[Stored, Event | Undecodable]]:
        """Yield each entry with its event, or with the reason why it cannot be read."""
        for each in stored:
            try:
                yield each, self._codec.decode(each)
            except Undecodable as error:
                yield each, error

    def cloudevents(self, caller: Caller, events: Sequence[Event], *, sealed: bool) -> list[dict[str, Any]]:
        """Return events as CloudEvents, with personal fields opened, or null if they stay sealed."""
        return to_cloudevents(events, self._fields.opener(caller, sealed=sealed))

    def head(self) -> int:
        """Return the log's last position."""
        return self._log.head()

    def position_at(self, recorded_at: int) -> int:
        """Return the last position recorded at or before a time."""
        return self._log.position_at(recorded_at)
