"""The sample city as upstream systems send it: bodies of batches, made beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from zlib import crc32

from adapters.upstream import lines
from adapters.upstream.city import city
from events.event import Event

PEOPLE, SEED, BATCH = 10_000, 7, 1000


def bodies(events: Iterable[Event], size: int = BATCH) -> Iterator[bytes]:
    walking = lines(events)
    while part := list(islice(walking, size)):
        yield b"[" + b",".join(part) + b"]"


def lanes(people: int, count: int) -> tuple[Sequence[bytes], list[Sequence[bytes]]]:
    """Return the first batches of a city, and the rest in lanes that several publishers may send at once.

    All events about a person, or by an actor who has published about one, are in one lane, in order. The
    first batches hold the first month and all events about nobody, on which the lives of persons depend.
    """
    begun: list[Event] = []
    apart: list[list[Event]] = [[] for _ in range(count)]
    lane_of: dict[str, int] = {}
    for number, each in enumerate(city(people, SEED)):
        actor, person = each.id.rpartition("-")[0], getattr(each, "person", None)
        if person is not None:
            lane_of.setdefault(actor, crc32(actor.encode()) % count)
            lane_of.setdefault(person, lane_of[actor])
        early = number < people * 3 or (person is None and actor not in lane_of)
        (begun if early else apart[lane_of[person or actor]]).append(each)
    return list(bodies(begun)), [list(bodies(each)) for each in apart]
