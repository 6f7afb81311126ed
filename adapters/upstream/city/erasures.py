"""The sample city's erasures: a few adults who have left ask to be erased (PIPL, art. 47)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from adapters.upstream.city.clockwork import FIRST_YEAR, YEARS, Actor, CityPlan, moment
from adapters.upstream.city.people import Person
from events.event import Event
from events.identity.erasure import ErasureRefused, ErasureRequested, Kept, PersonErased
from events.learning.certificates import CertificateIssued

ASKING, REFUSED = 0.1, 0.25
GROUND = "sample: certificates are kept by who has issued them"


def perhaps_erased(plan: CityPlan, its: Person, index: int, life: Iterator[Event]) -> Iterator[Event]:
    """Live a learner's life; afterwards one in ten of those who never signed on asks for erasure."""
    chance, certified = plan.chance("erasure", index), False
    for event in life:
        certified = certified or isinstance(event, CertificateIssued)
        yield event
    if its.account is not None or chance.random() >= ASKING:
        return
    actor = Actor("centre", f"erasure-{index}", chance)
    year = FIRST_YEAR + YEARS
    asked = ErasureRequested(its.number, "person", "consent-withdrawn")
    asked = actor.says(asked, moment(date(year, 9, chance.randrange(1, 15)), chance))
    yield asked
    request = f"{asked.source}#{asked.id}"
    answered = moment(date(year, 9, chance.randrange(16, 28)), chance)
    if chance.random() < REFUSED:
        yield actor.says(ErasureRefused(its.number, request, "not-entitled"), answered)
        return
    kept = [Kept("diploma", GROUND)] if certified else []
    yield actor.says(PersonErased(its.number, request, kept), answered)
