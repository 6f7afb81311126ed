"""A person's life: nothing of them occurs before the year of their birth, and little after their death."""

from __future__ import annotations

from msgspec import Struct

from domain.rule import Rule, each_of, ever, refuse_if
from events.evaluation.entries import EntryStruck, EntryUpheld
from events.evaluation.practice import AttendanceRevoked
from events.evaluation.reports import EvaluationCorrected
from events.event import Event
from events.fold import Fold
from events.identity.accounts import AccountUnlinked, SessionEnded
from events.identity.erasure import ErasureRefused, ErasureRequested, PersonErased
from events.identity.persons import (
    DocumentWithdrawn,
    PersonDetailsCorrected,
    PersonRegistered,
    PersonsMerged,
    PersonsSeparated,
)
from events.identity.roles import RoleRevoked
from events.integrity.conduct import ConductDismissed
from events.integrity.reviews import IntegrityReviewClosed, IntegrityWarningCleared
from events.learning.accounts import LearningAccountClosed, LearningAccountOpened
from events.learning.certificates import CertificateIssued, CertificateRevoked
from events.learning.courses import CourseWithdrawn
from events.learning.credit import CreditsRevoked
from events.learning.outcomes import OutcomeDeclined
from events.learning.transfers import CreditTransferDeclined
from events.roll.pupils import StudentEnrolled, StudentLeft, StudentWithdrawn
from events.roll.teachers import QualificationAwarded, TeacherAppointed, TeacherLeft
from events.roll.transfers import TransferRefused, TransferWithdrawn

AFTER_DEATH: tuple[type[Event], ...] = (
    PersonDetailsCorrected,
    DocumentWithdrawn,
    PersonsMerged,
    PersonsSeparated,
    ErasureRequested,
    ErasureRefused,
    PersonErased,
    AccountUnlinked,
    SessionEnded,
    RoleRevoked,
    StudentLeft,
    StudentWithdrawn,
    TransferRefused,
    TransferWithdrawn,
    TeacherLeft,
    EntryUpheld,
    EntryStruck,
    EvaluationCorrected,
    AttendanceRevoked,
    LearningAccountClosed,
    CourseWithdrawn,
    OutcomeDeclined,
    CreditsRevoked,
    CreditTransferDeclined,
    CertificateIssued,
    CertificateRevoked,
    ConductDismissed,
    IntegrityReviewClosed,
    IntegrityWarningCleared,
)
"""What is still recorded of a person who has died: corrections, erasure, what ends, and posthumous certificates."""


class Life(Struct):
    """The year of birth, the day on which an entry or a post ended by death, and the first day with a beginning.

    The year is the number's own: a number merged into this one may have been registered with a wrong one.
    """

    person: str
    birth_year: int | None = None
    died: str = ""
    first: str = ""


def life(
    state: Life,
    event: PersonRegistered
    | PersonDetailsCorrected
    | StudentEnrolled
    | StudentLeft
    | TeacherAppointed
    | TeacherLeft
    | QualificationAwarded
    | LearningAccountOpened,
) -> None:
    """Follow the year of birth, the first day and the death; days count, not the order in which events come."""
    match event:
        case PersonRegistered() | PersonDetailsCorrected():
            if event.person == state.person and event.birth_year is not None:
                state.birth_year = event.birth_year
        case StudentLeft(reason="death") | TeacherLeft(reason="died"):
            state.died = min(state.died or event.day, event.day)
    if isinstance(event, PersonDetailsCorrected | StudentLeft | TeacherLeft):
        return
    day = event.awarded if isinstance(event, QualificationAwarded) else event.day
    state.first = min(state.first or day, day)


LIFE = Fold("person", Life, life)


def born_by_then(life: Life, proposed: Event) -> None:
    """Nothing of a person occurs before the year in which they were born."""
    day, year = proposed.day, life.birth_year
    if isinstance(proposed, PersonDetailsCorrected) and proposed.birth_year is not None:
        day, year = life.first or day, proposed.birth_year
    elif isinstance(proposed, PersonRegistered):
        year = proposed.birth_year
    elif isinstance(proposed, QualificationAwarded):
        day = min(day, proposed.awarded)
    refuse_if(
        year is not None and int(day[:4]) < year,
        "before-birth",
        f"{life.person} was born in {year}, after {day}: correct the day or the year of birth",
    )


def alive(life: Life, proposed: Event) -> None:
    """After a person's death only corrections, erasure, ends and posthumous certificates are recorded."""
    refuse_if(
        life.died and proposed.day > life.died and not isinstance(proposed, AFTER_DEATH),
        "person-died",
        f"{life.person} died by {life.died}: retract that if it is wrong, else correct the day of this event",
    )


RULES = (Rule(born_by_then, ever(each_of(LIFE))), Rule(alive, ever(each_of(LIFE))))
