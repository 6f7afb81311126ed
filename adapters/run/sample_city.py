"""Filling an empty log with the sample city, through the door and the rules, like any publisher's events."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import islice

from adapters.door.door import Door
from adapters.process.child import Report, in_child
from adapters.run.settings import Settings
from adapters.run.site import Site, site_on
from adapters.upstream import lines
from adapters.upstream.city import PEOPLE, SEED, city
from adapters.wire.bad_input import BadInput
from streams.publish.request import Recorded, Repeated, Request, Retracted

BATCH = 2000
EVENTS = 250_000
"""About how many events the city has: the total of a progress bar until the end is known."""


class SampleRefused(Exception):
    """An event of the sample city was not admitted, although the city is meant to follow the rules."""


def fill(site: Site, progress: Callable[[int], None], people: int = PEOPLE, seed: int = SEED) -> int:
    """Publish a sample city; return how many events it has. `progress` gets the number of events of each batch."""
    door, publisher = site.door(), site.publisher()
    sent, walking = 0, lines(city(people, seed))
    while part := list(islice(walking, BATCH)):
        request = _request(door, part)
        publisher.settle([request])
        for event, verdict in zip(request.events, request.verdicts, strict=True):
            if not isinstance(verdict, Recorded | Repeated | Retracted):
                raise SampleRefused(f"{type(event).__name__} {event.source}#{event.id}: {verdict}")
        sent += len(part)
        progress(len(part))
    return sent


def _request(door: Door, part: list[bytes]) -> Request:
    """Take in a part. Events about persons who are erased already were recorded before an interruption."""
    try:
        return door.batch(b"[" + b",".join(part) + b"]")
    except BadInput as error:
        if any(each.code != "erased" for each in error.faults):
            raise
        gone = {int(each.pointer.split("/")[1]) for each in error.faults}
    return door.batch(b"[" + b",".join(each for index, each in enumerate(part) if index not in gone) + b"]")


def fill_apart(settings: Settings, url: str, progress: Callable[[int], None]) -> None:
    """Fill from a child process, so that the memory of twenty thousand actors is given back.

    Raises SampleRefused if that process fails; its traceback is then on standard error.
    """
    if not in_child(partial(_fill, settings, url), progress):
        raise SampleRefused("the sample city is incomplete; the next start continues with it")


def _fill(settings: Settings, url: str, report: Report) -> None:
    with site_on(settings, url) as site:
        fill(site, report)
