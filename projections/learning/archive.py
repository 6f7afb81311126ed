"""The lifelong learning archive (终身学习档案): a person's timeline and learning outcomes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from msgspec import Struct

from events.learning.accounts import LearnerSectorChanged, LearningAccountClosed, LearningAccountOpened
from events.learning.certificates import CertificateIssued, CertificateRevoked
from events.learning.courses import CourseCompleted, CourseEnrolled, CourseWithdrawn
from events.learning.credit import CreditsAwarded, CreditsRevoked
from events.learning.outcomes import OutcomeDeclined, OutcomeDeposited, OutcomeRecognised, OutcomeSubmitted
from events.learning.transfers import CreditsTransferred, CreditTransferDeclined, CreditTransferRequested
from projections.life_cycle import LifeCycle, Step
from projections.read_model import OfDay, ReadModel

Life = (
    LearningAccountOpened
    | LearnerSectorChanged
    | LearningAccountClosed
    | CourseEnrolled
    | CourseWithdrawn
    | CourseCompleted
    | OutcomeDeposited
    | OutcomeSubmitted
    | OutcomeRecognised
    | OutcomeDeclined
    | CreditsAwarded
    | CreditsRevoked
    | CreditTransferRequested
    | CreditTransferDeclined
    | CreditsTransferred
    | CertificateIssued
    | CertificateRevoked
)


class Entry(Struct):
    """One line of a person's lifelong learning archive: what happened on a day, and to what.

    `about` is the account, offering, outcome, award, transfer or certificate; `detail` is its sector, standard,
    programme or result, or a certificate's title; `words` is an outcome's title or the reason that was given, sealed.
    """

    person: str
    day: Annotated[str, OfDay()]
    what: str
    about: str
    institution: str | None = None
    category: str | None = None
    detail: str | None = None
    words: bytes | None = None
    credits: int | None = None


def entry(row: Entry, event: Life) -> None:
    """Write the line; the same fact reported twice on one day makes one line."""
    _, _, row.institution, row.category, row.detail, row.credits = _line(event)
    row.words = _words(event)


def line_key(event: Life) -> Iterator[tuple[str, str, str]]:
    """Yield the day, what happened, and to what."""
    what, about, *_ = _line(event)
    yield event.day, what, about


Line = tuple[str, str, str | None, str | None, str | None, int | None]


def _line(event: Life) -> Line:  # noqa: PLR0911, PLR0912, C901 - one case per event class, nothing else
    match event:
        case LearningAccountOpened():
            return "account-opened", event.account, None, None, event.sector, None
        case LearnerSectorChanged():
            return "sector-changed", event.account, None, None, event.to_sector, None
        case LearningAccountClosed():
            return "account-closed", event.account, None, None, None, None
        case CourseEnrolled():
            return "course-enrolled", event.offering, event.through, None, None, None
        case CourseWithdrawn():
            return "course-withdrawn", event.offering, None, None, event.counted_as, None
        case CourseCompleted():
            return "course-completed", event.offering, None, None, event.result, None
        case OutcomeDeposited():
            return "outcome-deposited", event.outcome, None, event.category, None, None
        case OutcomeSubmitted():
            return "outcome-submitted", event.outcome, event.institution, None, event.standard, None
        case OutcomeRecognised():
            return "outcome-recognised", event.outcome, event.institution, None, event.standard, None
        case OutcomeDeclined():
            return "outcome-declined", event.outcome, event.institution, None, None, None
        case CreditsAwarded():
            return (
                "credits-awarded",
                event.award,
                event.institution,
                event.category,
                event.outcome,
                event.credits,
            )
        case CreditsRevoked():
            return (
                "credits-revoked",
                event.award,
                event.institution,
                event.category,
                None,
                event.credits,
            )
        case CreditTransferRequested():
            return "transfer-requested", event.transfer, event.institution, None, event.programme, None
        case CreditTransferDeclined():
            return "transfer-declined", event.transfer, event.institution, None, None, None
        case CreditsTransferred():
            return (
                "credits-transferred",
                event.transfer,
                event.institution,
                event.category,
                event.programme,
                event.credits,
            )
        case CertificateIssued():
            return "certificate-issued", event.certificate, event.institution, None, event.title, None
        case CertificateRevoked():
            return "certificate-revoked", event.certificate, event.institution, None, None, None


def _words(event: Life) -> bytes | None:
    """Return what was said of it in free text, which stays sealed."""
    match event:
        case OutcomeDeposited():
            return event.title
        case (
            LearningAccountClosed()
            | CourseWithdrawn()
            | OutcomeDeclined()
            | CreditsRevoked()
            | CreditTransferDeclined()
            | CertificateRevoked()
        ):
            return event.reason
        case _:
            return None


class LearningOutcome(Struct):
    """A learning outcome (学习成果) in a person's archive, and whether it is recognised."""

    person: str
    outcome: str
    kind: str = ""
    title: bytes | None = None
    category: str = ""
    hours: int = 0
    result: str = ""
    course: str | None = None
    offering: str | None = None
    status: str = "unknown"
    institution: str | None = None
    standard: str | None = None
    since: str | None = None


Decisions = OutcomeDeposited | OutcomeSubmitted | OutcomeRecognised | OutcomeDeclined


STEPS = LifeCycle(
    LearningOutcome,
    {
        OutcomeDeposited: Step("deposited"),
        OutcomeSubmitted: Step("submitted"),
        OutcomeRecognised: Step("recognised"),
        OutcomeDeclined: Step("declined"),
    },
    since="since",
)


def learning_outcome(row: LearningOutcome, event: Decisions) -> None:
    """Follow an outcome; `since` is the day on which it reached its status."""
    STEPS.follow(row, event)
    match event:
        case OutcomeDeposited():
            row.kind, row.title = event.kind, event.title
            row.category, row.hours, row.result = event.category, event.hours, event.result
            row.course, row.offering = event.course, event.offering
        case OutcomeSubmitted() | OutcomeRecognised():
            row.institution, row.standard = event.institution, event.standard


READ_MODELS = (
    ReadModel("learning-archives", "person", Entry, entry, parts=line_key, filter=("what", "category")),
    ReadModel(
        "learning-outcomes",
        "person",
        LearningOutcome,
        learning_outcome,
        filter=("outcome", "category", "kind", "status", "institution"),
        sort=("since",),
    ),
)
