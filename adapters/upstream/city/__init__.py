"""A sample city: actors who live by the rules, merged into one deterministic stream of events.

Personal fields hold clear text here, as upstream systems have it; the door seals them.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge

from adapters.upstream.city.clockwork import Plan
from adapters.upstream.city.pupils import pupil, roll_life
from adapters.upstream.city.schools import municipality, school, schools
from events.event import Event


def city(people: int, seed: int) -> Iterator[Event]:
    """Give the events of a city of about so many people, in the order in which they occurred."""
    plan = Plan(people, seed)
    return merge(*_actors(plan), key=lambda event: event.occurred_at)


def _actors(plan: Plan) -> Iterator[Iterator[Event]]:
    known = schools(plan)
    yield municipality(plan)
    for each in known:
        yield school(plan, each)
    for index in range(plan.pupils):
        yield roll_life(pupil(plan, index, known), known)
