"""The sample city's integrity online: rules, pledges, and a few cases of conduct from notice to repair."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from adapters.upstream.city.clockwork import FIRST_YEAR, Actor, CityPlan, moment, number
from adapters.upstream.city.people import Person
from events.clock import day
from events.event import Event
from events.identity.accounts import LoginSucceeded
from events.integrity.conduct import (
    ConductContested,
    ConductDismissed,
    ConductNotified,
    ConductObserved,
    ConductRepaired,
    ConductUpheld,
)
from events.integrity.pledges import PledgeSigned
from events.integrity.published import ConductRulePublished, IntegrityTermsPublished

RULE, WEIGHT, HALF_LIFE = "shared-account", 10, 180
OBJECTION_DAYS = 10
CASES, CONTESTED, DISMISSED = 0.03, 0.3, 0.5
OF_AGE = 15


def rules(plan: CityPlan) -> Iterator[Event]:
    """Publish terms and a conduct rule."""
    chance = plan.chance("integrity")
    actor = Actor("integrity", "rules", chance)
    since = f"{FIRST_YEAR}-08-10"
    terms = IntegrityTermsPublished(since, OBJECTION_DAYS, 30)
    yield actor.says(terms, moment(date(FIRST_YEAR, 8, 1), chance))
    shared = ConductRulePublished(
        RULE, since, "Passing on an account", WEIGHT, HALF_LIFE, ["identity.LoginSucceeded"]
    )
    yield actor.says(shared, moment(date(FIRST_YEAR, 8, 2), chance))


def pledge(its: Person) -> Event:
    """Return a pledge to behave well online."""
    actor = Actor("integrity", f"pledge-{its.number}", its.chance)
    signed = PledgeSigned(its.number, number("pledge", its.chance))
    return actor.says(signed, moment(date(FIRST_YEAR, 8, 20), its.chance))


def case(its: Person, login: LoginSucceeded, decider: str) -> Iterator[Event]:
    """Live a case that rests on one of the person's logins, if they are old enough to be scored."""
    chance = its.chance
    seen = date.fromisoformat(day(login.occurred_at))
    if seen.year - its.born.year <= OF_AGE or chance.random() >= CASES:
        return
    actor = Actor("integrity", f"case-{its.number}", chance)
    conduct = number("conduct", chance)
    evidence = f"{login.source}#{login.id}"
    until = (seen + timedelta(days=2 + OBJECTION_DAYS)).isoformat()
    steps: list[tuple[int, Event]] = [
        (
            1,
            ConductObserved(
                its.number, conduct, RULE, WEIGHT, HALF_LIFE, evidence, "identity.LoginSucceeded"
            ),
        ),
        (2, ConductNotified(its.number, conduct, until)),
    ]
    if chance.random() < CONTESTED:
        steps.append((5, ConductContested(its.number, conduct, b"it was my sister")))
        dismissed = chance.random() < DISMISSED
        decided = (
            ConductDismissed(its.number, conduct, decider, "not-proven")
            if dismissed
            else ConductUpheld(its.number, conduct, decider)
        )
        steps.append((9, decided))
    else:
        steps.append((20, ConductRepaired(its.number, conduct, "training")))
    for after, event in steps:
        yield actor.says(event, moment(seen + timedelta(days=after), chance))
