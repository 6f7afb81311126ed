"""Fill an empty log with the sample city, by the door and the rules, as any publisher's events come."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import islice

from adapters.door.door import Door
from adapters.process.once import Tell, apart
from adapters.run.settings import Settings
from adapters.run.site import Site, site_on
from adapters.upstream import lines
from adapters.upstream.city import PEOPLE, SEED, city
from adapters.wire.bad_input import BadInput
from streams.publish.request import Recorded, Repeated, Request

BATCH = 2000
EVENTS = 250_000
"""About how many events the city has: the total of a progress bar until the end is known."""


class SampleRefused(Exception):
    """An event of the sample city was not admitted: the sample breaks the rules that it should obey."""


def fill(site: Site, progress: Callable[[int], None], people: int = PEOPLE, seed: int = SEED) -> int:
    """Publish a sample city; `progress` is told after each batch how many events it had. Return all."""
    door, publisher = site.door(), site.publisher()
    sent, walking = 0, lines(city(people, seed))
    while part := list(islice(walking, BATCH)):
        request = _request(door, part)
        publisher.settle([request])
        for event, verdict in zip(request.events, request.verdicts, strict=True):
            if not isinstance(verdict, Recorded | Repeated):
                raise SampleRefused(f"{type(event).__name__} {event.source}#{event.id}: {verdict}")
        sent += len(part)
        progress(len(part))
    return sent


def _request(door: Door, part: list[bytes]) -> Request:
    """Take in a part. What is about somebody erased meanwhile was recorded before a start was interrupted."""
    try:
        return door.batch(b"[" + b",".join(part) + b"]")
    except BadInput as error:
        if any(each.code != "erased" for each in error.faults):
            raise
        gone = {int(each.pointer.split("/")[1]) for each in error.faults}
    return door.batch(b"[" + b",".join(each for index, each in enumerate(part) if index not in gone) + b"]")


def fill_apart(settings: Settings, url: str, progress: Callable[[int], None]) -> None:
    """Fill from a process of its own, so that the memory of twenty thousand actors goes when they have gone.

    Raises SampleRefused where that process fails; its own words are on standard error then.
    """
    if not apart(partial(_fill, settings, url), progress):
        raise SampleRefused("the sample city is not complete; the next start goes on with it")


def _fill(settings: Settings, url: str, tell: Tell) -> None:
    with site_on(settings, url) as site:
        fill(site, tell)
