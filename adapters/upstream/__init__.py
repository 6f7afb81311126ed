"""Stand-ins for upstream systems: the one place in adapters that uses the events of contexts.

Personal fields of their events are in clear, as upstream systems have them; the door seals them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import msgspec

from adapters.wire.cloudevent import to_cloudevents
from events.event import Event

BATCH = 1000


def lines(events: Iterable[Event]) -> Iterator[bytes]:
    """Give events as publishers send them: CloudEvents, one line of JSON each."""
    walking = iter(events)
    while part := list(islice(walking, BATCH)):
        for each in to_cloudevents(part, _clear):
            yield msgspec.json.encode(each) + b"\n"


def _clear(values: Sequence[bytes]) -> list[str]:
    return [each.decode() for each in values]
