"""Fill an empty log with the sample city, by the door and the rules, as any publisher's events come."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from adapters.door import Door
from adapters.upstream import lines
from adapters.upstream.city import city
from adapters.wiring import Site
from streams.publish import Recorded

PEOPLE, SEED, BATCH = 20_000, 2018, 2000
EVENTS = 225_000
"""About so many events the city of so many people has, for a progress bar."""


class SampleRefused(Exception):
    """An event of the sample city was not admitted: the sample breaks the rules that it should obey."""


def fill(site: Site, progress: Callable[[int], None], people: int = PEOPLE, seed: int = SEED) -> int:
    """Publish a sample city; `progress` is told after each batch how many events it had. Return all."""
    door, publisher = Door(site.codec, site.sealer), site.publisher()
    sent, walking = 0, lines(city(people, seed))
    while part := list(islice(walking, BATCH)):
        request = door.batch(b"[" + b",".join(part) + b"]")
        publisher.settle([request])
        for event, verdict in zip(request.events, request.verdicts, strict=True):
            if not isinstance(verdict, Recorded):
                raise SampleRefused(f"{type(event).__name__} {event.source}#{event.id}: {verdict}")
        sent += len(part)
        progress(len(part))
    return sent
