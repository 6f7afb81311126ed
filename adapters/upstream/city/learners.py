"""The sample city's adult learners and its credit bank: courses, outcomes, credits, transfers, certificates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from adapters.upstream.city.clockwork import FIRST_YEAR, YEARS, Actor, CityPlan, moment, number
from adapters.upstream.city.people import Person, person
from adapters.upstream.city.schools import DISTRICTS
from events.event import Event
from events.learning.accounts import LearningAccountOpened
from events.learning.certificates import CertificateIssued
from events.learning.courses import CourseCompleted, CourseEnrolled, CourseOffered, CourseWithdrawn
from events.learning.credit import CreditsAwarded
from events.learning.outcomes import OutcomeDeposited, OutcomeRecognised, OutcomeSubmitted
from events.learning.published import (
    CreditTermsPublished,
    CreditTransferRulePublished,
    HoursPerCredit,
    MemberAdmitted,
    RecognitionStandardPublished,
    ResultCounts,
)
from events.learning.transfers import CreditsTransferred, CreditTransferRequested
from events.learning.vocabulary import Category, Result, Sector

OPEN_UNIVERSITY, COLLEGE = "open-university", "community-college"
COURSES: tuple[tuple[str, Category, int], ...] = (
    ("accounting", "academic", 60),
    ("law-basics", "academic", 48),
    ("welding", "vocational", 80),
    ("elderly-care", "vocational", 64),
    ("calligraphy", "culture-and-leisure", 32),
    ("photography", "culture-and-leisure", 32),
)
SECTORS: tuple[Sector, ...] = ("open", "community", "elderly", "enterprise")
RESULTS: tuple[Result, ...] = ("distinction", "merit", "pass", "pass", "fail")
HOURS_PER_CREDIT = 16
FULL = 100
TERMS, STANDARD, RULE, PROGRAMME = "sample-terms", "sample-standard", "sample-rule", "business-degree"


def bank(plan: CityPlan) -> Iterator[Event]:
    """Admit members, publish terms, standards and a transfer rule, and offer courses each term."""
    chance = plan.chance("bank")
    actor, start = Actor("credit-bank", "bank", chance), date(FIRST_YEAR, 8, 1)
    since = start.isoformat()
    categories: tuple[Category, ...] = ("academic", "vocational", "culture-and-leisure")
    hours = [HoursPerCredit(each, HOURS_PER_CREDIT) for each in categories]
    results = [ResultCounts("distinction", 100), ResultCounts("merit", 100), ResultCounts("pass", 100)]
    published: list[Event] = [
        MemberAdmitted(OPEN_UNIVERSITY, "Shanghai Open University"),
        MemberAdmitted(COLLEGE, "Community College"),
        CreditTermsPublished(TERMS, since, hours, [*results, ResultCounts("fail", 0)]),
        *(
            RecognitionStandardPublished(
                f"{STANDARD}-{each}", OPEN_UNIVERSITY, f"{each} outcomes", each, TERMS, since
            )
            for each in categories
        ),
        CreditTransferRulePublished(
            RULE, COLLEGE, PROGRAMME, "academic", "academic", 100, 6000, exclusive=False, since=since
        ),
    ]
    for minute, event in enumerate(published):
        yield actor.says(event, moment(start, chance, 8, 9) // 3_600_000_000 * 3_600_000_000 + minute)
    for year in range(FIRST_YEAR, FIRST_YEAR + YEARS):
        for course, category, length in COURSES:
            offered = CourseOffered(
                f"{course}-{year}",
                course,
                OPEN_UNIVERSITY,
                course.replace("-", " ").title(),
                category,
                chance.choice(SECTORS),
                length,
                f"{year}-09-10",
                f"{year + 1}-01-20",
            )
            yield actor.says(offered, moment(date(year, 8, 15), chance))


def learner(plan: CityPlan, index: int) -> Person:
    """Return an adult learner."""
    born = date(1945 + index % 55, 1 + index % 12, 1 + index % 28)
    return person(plan, f"learner-{index}", born, DISTRICTS[index % len(DISTRICTS)])


def learning_life(its: Person, index: int) -> Iterator[Event]:
    """Live a learner's years: an account, a course a year, and what follows from it."""
    chance = its.chance
    actor = Actor("credit-bank", f"learner-{index}", chance)
    opened = LearningAccountOpened(its.number, number("learning", chance), chance.choice(SECTORS))
    yield actor.says(opened, moment(date(FIRST_YEAR, 8, chance.randrange(16, 28)), chance))
    chosen = chance.sample(COURSES, YEARS)
    for year, course in enumerate(chosen, FIRST_YEAR):
        if chance.random() < 0.6:  # noqa: PLR2004 - some years without a course
            yield from _course(its, actor, year, course)


def _course(its: Person, actor: Actor, year: int, chosen: tuple[str, Category, int]) -> Iterator[Event]:
    chance, say = its.chance, actor.says
    course, category, hours = chosen
    offering = f"{course}-{year}"
    yield say(CourseEnrolled(its.number, offering), moment(date(year, 9, chance.randrange(1, 10)), chance))
    if chance.random() < 0.15:  # noqa: PLR2004 - one in seven withdraws
        withdrawn = CourseWithdrawn(its.number, offering, b"no time")
        yield say(withdrawn, moment(date(year, 10, chance.randrange(1, 28)), chance))
        return
    result = chance.choice(RESULTS)
    day = date(year + 1, 1, chance.randrange(10, 20))
    yield say(CourseCompleted(its.number, offering, result), moment(day, chance))
    if result == "fail":
        return
    outcome, award, standard = number("outcome", chance), number("award", chance), f"{STANDARD}-{category}"
    credit = hours * FULL // HOURS_PER_CREDIT
    steps: list[Event] = [
        OutcomeDeposited(
            its.number, outcome, "course", course.encode(), category, hours, result, course, offering
        ),
        OutcomeSubmitted(its.number, outcome, OPEN_UNIVERSITY, standard),
        OutcomeRecognised(its.number, outcome, OPEN_UNIVERSITY, standard),
        CreditsAwarded(its.number, award, outcome, OPEN_UNIVERSITY, standard, TERMS, category, credit),
    ]
    if category == "academic" and chance.random() < 0.5:  # noqa: PLR2004 - half want a degree
        transfer = number("credit-transfer", chance)
        steps += [
            CreditTransferRequested(transfer, its.number, award, COLLEGE, PROGRAMME, RULE),
            CreditsTransferred(
                transfer,
                its.number,
                award,
                COLLEGE,
                PROGRAMME,
                RULE,
                category,
                category,
                credit,
                exclusive=False,
            ),
        ]
    if category == "vocational":
        title, holder = f"Certificate in {course}", b"As registered"
        certificate = number("certificate", chance)
        steps.append(CertificateIssued(certificate, its.number, OPEN_UNIVERSITY, title, [award], holder))
    for after, event in enumerate(steps, 1):
        yield say(event, moment(day + timedelta(days=3 * after), chance))
