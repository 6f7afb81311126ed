"""The event store of the `eventsourcing` library over any log: what is built on that library runs on our log.

A DCB event becomes an entry of source `eventsourcing` with a random id. Its data is framed like every entry's, under
schema id 0, which is reserved for it: an Avro record of the tags and of the event's own bytes. The log's indexes have
keys, which are hashes, so everything that they find is compared again here as text.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from heapq import merge
from io import BytesIO
from itertools import groupby, islice
from operator import attrgetter
from threading import Event
from typing import Any, Self, TypeVar
from uuid import uuid4

import fastavro
from eventsourcing.dcb.api import (
    DCBAppendCondition,
    DCBEvent,
    DCBQuery,
    DCBQueryItem,
    DCBReadResponse,
    DCBRecorder,
    DCBSequencedEvent,
    DCBSubscription,
)
from eventsourcing.persistence import IntegrityError

from adapters.clock import now
from events.entry import SALT_BYTES, Proposal, Stored, key, parse
from streams.ports import ANY, Condition, Log, Selection, Stale

SOURCE = "eventsourcing"
FRAME = bytes(5)
"""Confluent framing with schema id 0."""

_SCHEMA = fastavro.parse_schema(
    {
        "type": "record",
        "name": "DCBEvent",
        "namespace": "pujiang.eventsourcing",
        "fields": [
            {"name": "tags", "type": {"type": "array", "items": "string"}},
            {"name": "data", "type": "bytes"},
        ],
    }
)
_PAGE = 1000
_POLL_SECONDS = 0.02

R = TypeVar("R", bound="LogRecorder")


class LogRecorder(DCBRecorder):
    """A DCB recorder over a log. Entries of other sources are skipped; positions are the log's."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def read(
        self, query: DCBQuery | None = None, *, after: int | None = None, limit: int | None = None
    ) -> DCBReadResponse:
        """Return the matching events, fetched as they are taken."""
        head = self._log.head()
        events = self.matching(query or DCBQuery(), after or 0, head)
        return _Response(events, head or None) if limit is None else _Response(islice(events, limit), None)

    def append(self, events: Sequence[DCBEvent], condition: DCBAppendCondition | None = None) -> int:
        """Append the events and return the last one's position. Raises IntegrityError."""
        batch = [_proposal(event) for event in events]
        if condition is None:
            return self._log.append(batch).first + len(batch) - 1
        query, seen, head = condition.fail_if_events_match, condition.after or 0, self._log.head()
        while True:
            if any(self.matching(query, seen, head)):
                raise IntegrityError("the condition matches an event of the log")
            try:
                return self._log.append(batch, Condition(head, _reads(query))).first + len(batch) - 1
            except Stale as stale:
                # Keys match more than the query does, so what has come since is compared exactly.
                seen, head = head, stale.head

    def subscribe(self, query: DCBQuery | None = None, *, after: int | None = None) -> DCBSubscription[Self]:
        """Return the matching events, and wait for more."""
        return _Subscription(self, query, after)

    def head(self) -> int:
        """Return the log's last position."""
        return self._log.head()

    def matching(self, query: DCBQuery, after: int, upto: int) -> Iterator[DCBSequencedEvent]:
        """Walk the events of a range that match one of the query's items, or all if it has none."""
        items = query.items or [DCBQueryItem()]
        found = merge(*(self._found(item, after, upto) for item in items), key=attrgetter("position"))
        for _, same in groupby(found, attrgetter("position")):
            event = _event(next(same))
            if event and any(_matches(item, event.event) for item in items):
                yield event

    def _found(self, item: DCBQueryItem, after: int, upto: int) -> Iterator[Stored]:
        tags, types = tuple(map(key, item.tags)), tuple(map(key, item.types))
        source = None if tags else key(SOURCE)
        while after < upto:
            selection = Selection(tags, types, source, after, upto, _PAGE)
            page = self._log.select(selection)
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1].position


class _Response(DCBReadResponse):
    """Its head is the log's head at the time of reading or, with a limit, the last position taken."""

    def __init__(self, events: Iterator[DCBSequencedEvent], head: int | None) -> None:
        self._events, self._head, self._fixed = events, head, head is not None

    @property
    def head(self) -> int | None:
        """The position up to which the log has been read."""
        return self._head

    def __next__(self) -> DCBSequencedEvent:
        event = next(self._events)
        if not self._fixed:
            self._head = event.position
        return event


class _Subscription(DCBSubscription[R]):
    """Polls the head. Positions appear in order and without gaps, so everything up to the head is complete."""

    def __init__(self, recorder: R, query: DCBQuery | None, after: int | None) -> None:
        super().__init__(recorder, query, after)
        self._events: Iterator[DCBSequencedEvent] = iter(())
        self._upto = self._last_position
        self._stopped = Event()

    def stop(self) -> None:
        """Stop the subscription, even while it waits."""
        super().stop()
        self._stopped.set()

    def __next__(self) -> DCBSequencedEvent:
        while not self._stopped.is_set():
            event = self._next_found()
            if event:
                self._last_position = event.position
                return event
            self._last_position, self._upto = self._upto, self._recorder.head()
            if self._upto > self._last_position:
                self._look_again()
            else:
                self._stopped.wait(_POLL_SECONDS)
        raise StopIteration

    def _next_found(self) -> DCBSequencedEvent | None:
        try:
            return next(self._events, None)
        except Exception:
            # After a fault, iteration continues behind the last event that was given.
            self._look_again()
            raise

    def _look_again(self) -> None:
        self._events = self._recorder.matching(self._query or DCBQuery(), self._last_position, self._upto)


def _proposal(event: DCBEvent) -> Proposal:
    body = BytesIO()
    body.write(FRAME)
    fastavro.schemaless_writer(body, _SCHEMA, {"tags": event.tags, "data": event.data})
    # Its events have no identity that could come twice, so the salt may be any.
    salt = os.urandom(SALT_BYTES)
    return Proposal(SOURCE, str(uuid4()), event.type, now(), tuple(event.tags), body.getvalue(), salt)


def _event(stored: Stored) -> DCBSequencedEvent | None:
    header = parse(stored.entry)
    if header.source != SOURCE:
        return None
    body: Any = fastavro.schemaless_reader(BytesIO(header.data[len(FRAME) :]), _SCHEMA, None)
    return DCBSequencedEvent(DCBEvent(header.type, body["data"], body["tags"]), stored.position)


def tags_of(stored: Stored) -> tuple[str, ...]:
    """Return the tags that the entry of a DCB event has."""
    event = _event(stored)
    return () if event is None else tuple(event.event.tags)


def _matches(item: DCBQueryItem, event: DCBEvent) -> bool:
    return (not item.types or event.type in item.types) and set(item.tags) <= set(event.tags)


def _reads(query: DCBQuery) -> Mapping[int, set[int]]:
    """Return the query in keys, which match more: an event must carry all tags of an item, but one is watched."""
    reads: dict[int, set[int]] = {}
    for item in query.items or [DCBQueryItem()]:
        tag = key(item.tags[0]) if item.tags else ANY
        reads.setdefault(tag, set()).update(map(key, item.types) if item.types else (ANY,))
    return reads
