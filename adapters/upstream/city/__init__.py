"""A sample city: actors who live by the rules, merged into one deterministic stream of events.

Personal fields are in clear here, as upstream systems have them; the door seals them.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge

from adapters.upstream.city import integrity, projects
from adapters.upstream.city.accounts import centre, identity_life
from adapters.upstream.city.arrivals import Arrival, arrivals, in_order_of_arrival
from adapters.upstream.city.calendar import notices
from adapters.upstream.city.clockwork import CityPlan
from adapters.upstream.city.duplicates import entered_twice
from adapters.upstream.city.erasures import perhaps_erased
from adapters.upstream.city.evaluation import authority, signers, signing_life
from adapters.upstream.city.learners import bank, learner, learning_life
from adapters.upstream.city.people import officer
from adapters.upstream.city.pupils import pupil, roll_life
from adapters.upstream.city.schools import municipality, school, schools
from adapters.upstream.city.teachers import teacher, teaching_life
from events.event import Event

PEOPLE, SEED = 20_000, 2018
"""Size and seed of the default city, which has about 250,000 events."""


def city(people: int, seed: int) -> Iterator[Event]:
    """Give the events of a city of about this many people, in the order in which they arrive: not all are on time."""
    plan = CityPlan(people, seed)
    lives = [arrivals(seed, life) for life in _actors(plan)]
    return in_order_of_arrival(merge(*lives, key=_occurred))


def _occurred(each: Arrival) -> int:
    return each.event.occurred_at


def _when(event: Event) -> int:
    return event.occurred_at


def _actors(plan: CityPlan) -> Iterator[Iterator[Event]]:
    known, decider = schools(plan), officer(plan)
    for office in (notices, municipality, centre, bank, projects.rules, integrity.rules, authority):
        yield iter(sorted(office(plan), key=_when))
    yield from (projects.project_life(plan, index) for index in range(plan.projects))
    yield identity_life(decider, decider)
    for each in known:
        yield school(plan, each)
        for signer in signers(plan, each):
            yield identity_life(signer.who, decider)
            yield signing_life(signer, each)
    for index in range(plan.pupils):
        one = pupil(plan, index, known)
        yield identity_life(one.who, decider)
        yield iter(entered_twice(plan, one, index, known))
        yield roll_life(one, known)
    for index in range(plan.teachers):
        at = known[index % len(known)]
        who = teacher(plan, index, at)
        yield identity_life(who, decider)
        yield teaching_life(who, index, at)
    for index in range(plan.learners):
        who = learner(plan, index)
        yield identity_life(who, decider)
        yield perhaps_erased(plan, who, index, learning_life(who, index))
