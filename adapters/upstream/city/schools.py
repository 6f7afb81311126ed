"""The sample city's schools, and the rules of the roll that its municipality has published."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from msgspec import Struct

from adapters.upstream.city.clockwork import FIRST_YEAR, Actor, CityPlan, moment
from events.event import Event
from events.roll.published import EntryAge, RollRulesPublished, StageTerms
from events.roll.schools import SchoolDetailsChanged, SchoolRegistered
from events.roll.vocabulary import Stage

DISTRICT_NAMES = {
    "310101": "Huangpu",
    "310104": "Xuhui",
    "310105": "Changning",
    "310106": "Jing'an",
    "310107": "Putuo",
    "310109": "Hongkou",
    "310110": "Yangpu",
    "310112": "Minhang",
    "310113": "Baoshan",
    "310114": "Jiading",
    "310115": "Pudong",
    "310116": "Jinshan",
    "310117": "Songjiang",
    "310118": "Qingpu",
    "310120": "Fengxian",
    "310151": "Chongming",
}
"""Shanghai's districts by their codes in GB/T 2260."""
DISTRICTS = tuple(DISTRICT_NAMES)
STAGES: tuple[StageTerms, ...] = (
    StageTerms("primary", 1, 5, compulsory=True),
    StageTerms("lower-secondary", 6, 9, compulsory=True),
    StageTerms("upper-secondary", 10, 12, compulsory=False),
)
SHARES: tuple[Stage, ...] = ("primary", "primary", "lower-secondary", "lower-secondary", "upper-secondary")
NAMES = (
    "Century",
    "Riverside",
    "Garden",
    "Bund",
    "Experimental",
    "Affiliated",
    "Foreign Languages",
    "Jianping",
)
KINDS = {"primary": "Primary", "lower-secondary": "Junior", "upper-secondary": "Senior"}


class School(Struct, frozen=True):
    """What the other actors of the city know about a school."""

    number: str
    district: str
    stage: Stage


def schools(plan: CityPlan) -> tuple[School, ...]:
    """Return the city's schools; every stage has one."""
    return tuple(
        School(f"school-{index:04d}", DISTRICTS[index % len(DISTRICTS)], _stage(index))
        for index in range(plan.schools)
    )


def _stage(index: int) -> Stage:
    if index < len(STAGES):
        return STAGES[index].stage
    return SHARES[index % len(SHARES)]


def municipality(plan: CityPlan) -> Iterator[Event]:
    """Publish the rules of the roll: the stage table is Shanghai's, the limits are samples."""
    chance = plan.chance("municipality")
    actor = Actor("municipality", "rules", chance)
    rules = RollRulesPublished(
        f"{FIRST_YEAR}-08-01",
        list(STAGES),
        consent_working_days=10,
        leave_days=365,
        carry_out_days=30,
        entry_age=[EntryAge("primary", 6)],
    )
    yield actor.says(rules, moment(date(FIRST_YEAR, 8, 1), chance))


def school(plan: CityPlan, its: School) -> Iterator[Event]:
    """Live a school's life: it is registered, and may change its name."""
    chance = plan.chance("school", its.number)
    actor = Actor("school-register", its.number, chance)
    name = (
        f"{DISTRICT_NAMES[its.district]} {chance.choice(NAMES)} {KINDS[its.stage]} School {its.number[-4:]}"
    )
    registered = SchoolRegistered(its.number, name, its.district, [its.stage])
    yield actor.says(registered, moment(date(FIRST_YEAR, 8, 2), chance))
    if chance.random() < 0.1:  # noqa: PLR2004 - one in ten
        renamed = SchoolDetailsChanged(its.number, name=f"{name} (East Campus)")
        yield actor.says(renamed, moment(date(FIRST_YEAR + 1, 8, chance.randrange(1, 28)), chance))
