"""A town of four persons and two schools, whose persons are merged and separated: for tests of decisions."""

from __future__ import annotations

import random
from itertools import count, product
from typing import Any

from msgspec.structs import replace

from events.event import Event
from events.identity.persons import PersonRegistered, PersonsMerged, PersonsSeparated
from events.learning.accounts import LearningAccountOpened
from events.learning.courses import CourseCompleted, CourseEnrolled, CourseOffered
from events.learning.credit import CreditsAwarded
from events.learning.outcomes import OutcomeDeposited, OutcomeRecognised, OutcomeSubmitted
from events.learning.published import (
    CreditTermsPublished,
    CreditTransferRulePublished,
    MemberAdmitted,
    RecognitionStandardPublished,
)
from events.learning.transfers import CreditsTransferred, CreditTransferRequested
from events.rewriting import rewrites
from events.roll.published import RollRulesPublished, StageTerms
from events.roll.pupils import (
    StudentEnrolled,
    StudentLeaveStarted,
    StudentLeft,
    StudentPromoted,
    StudentResumed,
    StudentRetained,
)
from events.roll.schools import SchoolRegistered
from events.roll.transfers import TransferConsented, TransferRequested, TransferWithdrawn
from streams.scenario import at
from tests.contexts.learning import some
from tests.logs.histories import HOUR, belated, retraction

PERSONS = ("p-0", "p-1", "p-2", "p-3")
LEARNERS = (PERSONS[0], PERSONS[3])
SCHOOLS = ("s-a", "s-b")
WITHDRAWN = 0.3
_ROLL = RollRulesPublished(
    since="2000-01-01",
    stages=[StageTerms("primary", 1, 5, compulsory=True)],
    consent_working_days=10,
    leave_days=365,
    occurred_at=at("2000-01-01"),
)


def beginning() -> list[Event]:
    """Return the town's beginning: rule data, schools, and persons who each have an award of 500, two of them accounts.

    Each has completed a course of their own, so that those without an account can be merged with anybody.
    """
    made: list[Event] = [_ROLL]
    made += [
        SchoolRegistered(each, "A school", "d", ["primary"], occurred_at=at("2000-01-02")) for each in SCHOOLS
    ]
    made += [some(MemberAdmitted), some(MemberAdmitted, institution="college", name="College")]
    made += [some(CreditTermsPublished), some(RecognitionStandardPublished)]
    made += [some(CreditTransferRulePublished)]
    for person in PERSONS:
        made += _person(person)
    return [_numbered(event, f"b-{number}") for number, event in enumerate(made)]


def _person(person: str) -> list[Event]:
    outcome = {"person": person, "outcome": f"oc-{person}"}
    course = {"offering": f"of-{person}", "course": f"c-{person}"}
    account = (
        [some(LearningAccountOpened, person=person, account=f"a-{person}")] if person in LEARNERS else []
    )
    return [
        PersonRegistered(person=person, name=b"sealed", birth_year=1999, occurred_at=at("2000-01-01")),
        *account,
        some(CourseOffered, **course),
        some(CourseEnrolled, person=person, offering=course["offering"]),
        some(CourseCompleted, person=person, offering=course["offering"]),
        some(OutcomeDeposited, **outcome, **course),
        some(OutcomeSubmitted, **outcome),
        some(OutcomeRecognised, **outcome),
        some(CreditsAwarded, **outcome, award=f"aw-{person}"),
    ]


def _numbered(event: Event, number: str) -> Event:
    return replace(event, id=number, source="/town")


class Town:
    """Proposes events endlessly, many of which the rules refuse; the same seed proposes the same events.

    A share of them, `late`, occurred earlier than others that were proposed before them.
    """

    def __init__(self, seed: int, *, late: float = 0.0) -> None:
        self.random, self._late = random.Random(seed), late
        self._ids = count(1)
        self._recorded: list[Event] = beginning()[-8 * len(PERSONS) :]

    def recorded(self, event: Event) -> None:
        """Note that an event is in the log: later ones may retract it, or undo it."""
        self._recorded.append(event)

    def batch(self) -> list[Event]:
        """Return one to four events; those that follow a merge are often about the same persons."""
        found: list[Event] = []
        for _ in range(self.random.randrange(1, 5)):
            found.append(self._next(found))
        return found

    def probes(self) -> list[Event]:
        """Return events to be tried, some for each person."""
        return [
            self._envelope(make(person))
            for person, make in product(
                PERSONS,
                (self._enrolled, self._promoted, self._leave, self._left, self._counted, self._merged),
            )
        ]

    def _next(self, before: list[Event]) -> Event:
        person = self.random.choice(PERSONS)
        kinds = [
            (self._enrolled, 4),
            (self._promoted, 4),
            (self._leave, 2),
            (self._resumed, 1),
            (self._left, 2),
            (self._repeated, 2),
            (self._sought, 2),
            (self._answered, 2),
            (self._asked, 2),
            (self._counted, 3),
            (self._merged, 4),
            (self._separated, 4),
            (self._retracted, 4),
        ]
        make: Any = self.random.choices([each for each, _ in kinds], [weight for _, weight in kinds])[0]
        if make in (self._separated, self._retracted):
            return self._envelope(make([*self._recorded, *before]))
        return self._envelope(make(person))

    def _envelope(self, event: Event) -> Event:
        number = next(self._ids)
        made = replace(event, id=str(number), source="/town", occurred_at=at("2024-09-01") + number * HOUR)
        return belated(made, self.random, self._late)

    def _enrolled(self, person: str) -> Event:
        return StudentEnrolled(
            person=person, school=self._school(), district="d", stage="primary", grade=self._grade()
        )

    def _promoted(self, person: str) -> Event:
        grade = self._grade()
        return StudentPromoted(
            person=person,
            school=self._school(),
            district="d",
            stage="primary",
            from_grade=grade,
            to_grade=grade + 1,
        )

    def _leave(self, person: str) -> Event:
        return StudentLeaveStarted(person=person, school=self._school(), until="2025-01-01", reason=b"sealed")

    def _resumed(self, person: str) -> Event:
        return StudentResumed(person=person, school=self._school())

    def _left(self, person: str) -> Event:
        return StudentLeft(
            person=person,
            school=self._school(),
            district="d",
            stage="primary",
            grade=self._grade(),
            reason="abroad",
        )

    def _repeated(self, person: str) -> Event:
        return StudentRetained(
            person=person,
            school=self._school(),
            district="d",
            stage="primary",
            grade=self._grade(),
            reason=b"sealed",
        )

    def _sought(self, person: str) -> Event:
        start, end = self.random.sample(SCHOOLS, 2)
        return TransferRequested(f"ask-{next(self._ids)}", person, start, end, self._grade(), b"sealed")

    def _answered(self, person: str) -> Event:
        sought = [each for each in self._recorded if isinstance(each, TransferRequested)]
        if not sought:
            return self._sought(person)
        request = self.random.choice(sought[-4:])
        if self.random.random() < WITHDRAWN:
            return TransferWithdrawn(request.transfer, request.person, "guardian")
        return TransferConsented(request.transfer, "sending-school", request.person)

    def _asked(self, person: str) -> Event:
        award = f"aw-{self.random.choice(PERSONS)}"
        return some(CreditTransferRequested, person=person, transfer=f"t-{next(self._ids)}", award=award)

    def _counted(self, person: str) -> Event:
        asked = [each for each in self._recorded if isinstance(each, CreditTransferRequested)]
        if not asked:
            return self._asked(person)
        request = self.random.choice(asked)
        return some(CreditsTransferred, person=person, transfer=request.transfer, award=request.award)

    def _merged(self, person: str) -> Event:
        other = self.random.choice([each for each in PERSONS if each != person])
        return PersonsMerged(merged=person, surviving=other)

    def _separated(self, before: list[Event]) -> Event:
        merges = [each for each in before if isinstance(each, PersonsMerged)]
        if not merges:
            return self._merged(self.random.choice(PERSONS))
        merge = self.random.choice(merges[-3:])
        identity = f"{merge.source}#{merge.id}"
        return PersonsSeparated(separated=merge.merged, surviving=merge.surviving, merge=identity)

    def _retracted(self, before: list[Event]) -> Event:
        ordinary = [each for each in before if not rewrites(type(each))]
        return retraction(self.random.choice(ordinary[-12:]))

    def _school(self) -> str:
        return self.random.choice(SCHOOLS)

    def _grade(self) -> int:
        return self.random.randrange(1, 3)
