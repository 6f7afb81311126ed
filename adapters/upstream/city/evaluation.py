"""The sample city's evaluation of pupils: signers, published data, and a pupil's semester up to its report."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random

from msgspec import Struct

from adapters.upstream.city.clockwork import FIRST_YEAR, YEARS, Actor, CityPlan, moment, number
from adapters.upstream.city.people import Person, person
from adapters.upstream.city.schools import DISTRICT_NAMES, DISTRICTS, School
from events.evaluation.entries import (
    EntryConfirmed,
    EntryContested,
    EntryPosted,
    EntrySelected,
    EntryUpheld,
    EntryVerified,
    EvaluationEntryRecorded,
)
from events.evaluation.practice import ActivityAttended, ActivityOpened, PracticeBaseRegistered
from events.evaluation.published import (
    EvaluationTermsPublished,
    KindTerms,
    RecordingWindowSet,
    RequiredHours,
    UsePolicyPublished,
)
from events.evaluation.reports import (
    EvaluationFinalised,
    EvaluationReleased,
    ReportConfirmed,
    ReportSigned,
    SelfStatementWritten,
)
from events.evaluation.vocabulary import Dimension, EntryKind
from events.event import Event
from events.roll.teachers import TeacherAppointed
from events.roll.vocabulary import Stage

RECEIVER, POLICY = "sample-university", "sample-policy"
MORAL: EntryKind = "moral-conduct"
HEALTH: EntryKind = "physical-health"
MORALS: Dimension = "morality-and-citizenship"
HEALTHS: Dimension = "health-and-arts"
LAST_GRADE = 12
CONTESTED = 0.1

Step = tuple[date, Event]
OfEntry = tuple[str, str, str, str, str, EntryKind]


class Signer(Struct, frozen=True):
    """A person who signs reports of a school, and the appointment for it."""

    who: Person
    post: str
    appointment: str


def signers(plan: CityPlan, school: School) -> tuple[Signer, ...]:
    """Return the class teacher and the principal who sign for a school."""
    return tuple(
        Signer(
            person(plan, f"{post}-{school.number}", date(1970, 1, 1), school.district, 1.0),
            post,
            appointment(school, post),
        )
        for post in ("class-teacher", "principal")
    )


def appointment(school: School, post: str) -> str:
    """Return the number of a signer's appointment."""
    return f"appointment-{post}-{school.number}"


def signing_life(signer: Signer, school: School) -> Iterator[Event]:
    """Appoint a signer."""
    chance = signer.who.chance
    actor = Actor(f"staff:{school.district}", signer.appointment, chance)
    appointed = TeacherAppointed(
        signer.who.number,
        signer.appointment,
        school.number,
        school.district,
        signer.post,  # type: ignore[arg-type]
    )
    yield actor.says(appointed, moment(date(FIRST_YEAR, 8, 15), chance))


def authority(plan: CityPlan) -> Iterator[Event]:
    """Publish terms, windows and a use policy; register a base in each district and open its activities."""
    chance = plan.chance("evaluation")
    actor = Actor("evaluation", "authority", chance)
    kinds = [
        KindTerms(MORAL, MORALS, ["pupil", "teacher"]),
        KindTerms(HEALTH, HEALTHS, ["system"], "measured"),
    ]
    required = [RequiredHours("upper-secondary", "public-service", 60)]
    steps: list[Step] = [
        (
            date(FIRST_YEAR, 8, 1),
            EvaluationTermsPublished(
                since=f"{FIRST_YEAR}-08-01", objection_working_days=5, kinds=kinds, required=required
            ),
        ),
        (
            date(FIRST_YEAR, 8, 2),
            UsePolicyPublished(
                RECEIVER, POLICY, "Use in admission", [MORALS], "read in interviews", f"{FIRST_YEAR}-09-01"
            ),
        ),
    ]
    steps += [
        (
            date(FIRST_YEAR, 8, 3),
            PracticeBaseRegistered(
                f"base-{each}", f"{DISTRICT_NAMES[each]} Museum", each, ["public-service"]
            ),
        )
        for each in DISTRICTS
    ]
    for year in range(FIRST_YEAR, FIRST_YEAR + YEARS):
        steps.append((date(year, 9, 1), _window(year)))
        steps += [(date(year, 9, 2), _activity(each, year)) for each in DISTRICTS]
    for day, event in steps:
        yield actor.says(event, moment(day, chance))


def _window(year: int) -> Event:
    return RecordingWindowSet(_semester(year), f"{year}-12-10", f"{year + 1}-01-20")


def _activity(district: str, year: int) -> Event:
    return ActivityOpened(
        f"guides-{district}-{year}",
        f"base-{district}",
        "Museum guides",
        "public-service",
        _semester(year),
        f"{year}-11-01",
        f"{year}-11-30",
        240,
    )


def _semester(year: int) -> str:
    return f"{year}-autumn"


def semester(  # noqa: PLR0917 - what a semester is about
    pupil: str, school: School, stage: Stage, grade: int, year: int, actor: Actor, chance: Random
) -> Iterator[Event]:
    """Live a pupil's autumn semester, from the first activity to the report, and its release."""
    common = (school.number, school.district, _semester(year))
    for day, event in _steps(pupil, common, stage, year, chance):
        yield actor.says(event, moment(day, chance))
    if grade == LAST_GRADE:
        candidate = number("candidate", chance)
        released = EvaluationReleased(pupil, RECEIVER, POLICY, candidate, [_semester(year)], [MORALS])
        yield actor.says(released, moment(date(year + 1, 4, 1), chance))


def _steps(
    pupil: str, common: tuple[str, str, str], stage: Stage, year: int, chance: Random
) -> Iterator[Step]:
    school, district, term = common

    def december(day: int) -> date:
        return date(year, 12, day)

    def january(day: int) -> date:
        return date(year + 1, 1, day)

    guides = f"guides-{district}-{year}"
    yield (
        date(year, 11, 5),
        ActivityAttended(pupil, guides, school, district, stage, "public-service", term, 180),
    )
    entry, measured = number("entry", chance), number("entry", chance)
    moral: OfEntry = (pupil, entry, *common, MORAL)
    health: OfEntry = (pupil, measured, *common, HEALTH)
    yield december(12), EvaluationEntryRecorded(*moral, MORALS, "pupil", b"helped at the museum")
    yield december(13), EvaluationEntryRecorded(*health, HEALTHS, "system", b"50 m in 8.1 s")
    yield december(14), EntryVerified(*moral, f"appointment-class-teacher-{school}")
    yield december(15), EntrySelected(*moral)
    yield december(16), EntryConfirmed(*health)
    yield december(17), EntryPosted(*moral)
    if chance.random() < CONTESTED:
        yield december(19), EntryContested(*moral, "schoolmate", b"it was another day")
        yield december(21), EntryUpheld(*moral, b"the base confirms the day")
    yield january(6), SelfStatementWritten(pupil, *common, b"what I have learned")
    yield january(7), ReportConfirmed(pupil, *common)
    for day, post in ((8, "class-teacher"), (9, "principal")):
        yield january(day), ReportSigned(pupil, *common, post, f"appointment-{post}-{school}")  # type: ignore[arg-type]
    yield january(10), EvaluationFinalised(pupil, *common)
