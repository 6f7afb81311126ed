"""A learner's path through the credit bank: a sample of each event, and the history up to each step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from domain.catalogue import RULES
from events.event import Event
from events.learning.accounts import LearnerSectorChanged, LearningAccountClosed, LearningAccountOpened
from events.learning.certificates import CertificateIssued, CertificateRevoked
from events.learning.courses import (
    CourseCompleted,
    CourseEnrolled,
    CourseOffered,
    CourseSharingAgreed,
    CourseWithdrawn,
)
from events.learning.credit import CreditsAwarded, CreditsRevoked, Unwound
from events.learning.outcomes import OutcomeDeclined, OutcomeDeposited, OutcomeRecognised, OutcomeSubmitted
from events.learning.published import (
    CreditTermsPublished,
    CreditTransferRulePublished,
    CreditTransferRuleRetired,
    HoursPerCredit,
    MemberAdmitted,
    MemberRemoved,
    RecognitionStandardPublished,
    RecognitionStandardRetired,
    ResultCounts,
)
from events.learning.transfers import CreditsTransferred, CreditTransferDeclined, CreditTransferRequested
from streams.publish.judge import Judge
from streams.publish.warm_folds import WarmFolds
from streams.scenario import WARM_BYTES, ListedHistories
from tests.contexts.persons import registered
from tests.contexts.samples import Samples

HOURS = [
    HoursPerCredit("academic", 18),
    HoursPerCredit("vocational", 20),
    HoursPerCredit("culture-and-leisure", 10),
]
RESULTS = [ResultCounts("distinction", 100), ResultCounts("pass", 100), ResultCounts("fail", 0)]

USUAL: dict[type[Event], tuple[str, dict[str, Any]]] = {
    MemberAdmitted: ("2020-01-01", {"institution": "open-university", "name": "上海开放大学"}),
    MemberRemoved: ("2026-01-01", {"institution": "open-university", "reason": "closed"}),
    CreditTermsPublished: (
        "2020-01-02",
        {"terms": "city", "since": "2020-01-02", "hours_per_credit": HOURS, "results": RESULTS},
    ),
    RecognitionStandardPublished: (
        "2020-01-03",
        {
            "standard": "st-1",
            "institution": "open-university",
            "title": "Academic courses",
            "category": "academic",
            "terms": "city",
            "since": "2020-02-01",
        },
    ),
    RecognitionStandardRetired: ("2023-01-01", {"standard": "st-1", "reason": "replaced"}),
    CreditTransferRulePublished: (
        "2020-01-04",
        {
            "rule": "r-1",
            "institution": "college",
            "programme": "nursing",
            "from_category": "academic",
            "to_category": "academic",
            "percent": 100,
            "cap": 1000,
            "exclusive": False,
            "since": "2020-02-01",
        },
    ),
    CreditTransferRuleRetired: (
        "2023-01-01",
        {"rule": "r-1", "institution": "college", "reason": "replaced"},
    ),
    LearningAccountOpened: ("2024-01-05", {"person": "p-1", "account": "a-1", "sector": "open"}),
    LearnerSectorChanged: (
        "2025-03-01",
        {"person": "p-1", "account": "a-1", "from_sector": "open", "to_sector": "elderly"},
    ),
    LearningAccountClosed: (
        "2025-04-01",
        {"person": "p-1", "account": "a-1", "sector": "open", "reason": b"asked for"},
    ),
    CourseOffered: (
        "2024-01-06",
        {
            "offering": "law-24",
            "course": "law",
            "institution": "open-university",
            "title": "Introduction to law",
            "category": "academic",
            "sector": "open",
            "hours": 90,
            "starts": "2024-02-01",
            "ends": "2024-06-30",
        },
    ),
    CourseSharingAgreed: (
        "2024-01-07",
        {"offering": "law-24", "institution": "open-university", "partner": "college"},
    ),
    CourseEnrolled: ("2024-01-10", {"person": "p-1", "offering": "law-24"}),
    CourseWithdrawn: ("2024-03-01", {"person": "p-1", "offering": "law-24"}),
    CourseCompleted: ("2024-06-30", {"person": "p-1", "offering": "law-24", "result": "pass"}),
    OutcomeDeposited: (
        "2024-07-01",
        {
            "person": "p-1",
            "outcome": "oc-1",
            "kind": "course",
            "title": b"Introduction to law",
            "category": "academic",
            "hours": 90,
            "result": "pass",
            "course": "law",
            "offering": "law-24",
        },
    ),
    OutcomeSubmitted: (
        "2024-07-02",
        {"person": "p-1", "outcome": "oc-1", "institution": "open-university", "standard": "st-1"},
    ),
    OutcomeRecognised: (
        "2024-07-10",
        {"person": "p-1", "outcome": "oc-1", "institution": "open-university", "standard": "st-1"},
    ),
    OutcomeDeclined: (
        "2024-07-10",
        {"person": "p-1", "outcome": "oc-1", "institution": "open-university", "reason": b"no evidence"},
    ),
    CreditsAwarded: (
        "2024-07-11",
        {
            "person": "p-1",
            "award": "aw-1",
            "outcome": "oc-1",
            "institution": "open-university",
            "standard": "st-1",
            "terms": "city",
            "category": "academic",
            "credits": 500,
        },
    ),
    CreditTransferRequested: (
        "2024-08-01",
        {
            "transfer": "t-1",
            "person": "p-1",
            "award": "aw-1",
            "institution": "college",
            "programme": "nursing",
            "rule": "r-1",
        },
    ),
    CreditTransferDeclined: (
        "2024-08-10",
        {"transfer": "t-1", "person": "p-1", "institution": "college", "reason": b"not of the field"},
    ),
    CreditsTransferred: (
        "2024-08-10",
        {
            "transfer": "t-1",
            "person": "p-1",
            "award": "aw-1",
            "institution": "college",
            "programme": "nursing",
            "rule": "r-1",
            "from_category": "academic",
            "category": "academic",
            "credits": 500,
            "exclusive": False,
        },
    ),
    CertificateIssued: (
        "2024-09-01",
        {
            "certificate": "c-1",
            "person": "p-1",
            "institution": "college",
            "title": "Nursing assistant",
            "awards": ["aw-1"],
            "holder": b"sealed",
            "programme": "nursing",
        },
    ),
    CertificateRevoked: (
        "2024-10-01",
        {"certificate": "c-1", "person": "p-1", "institution": "college", "reason": b"issued in error"},
    ),
    CreditsRevoked: (
        "2024-10-02",
        {
            "person": "p-1",
            "award": "aw-1",
            "institution": "open-university",
            "category": "academic",
            "credits": 500,
            "reason": b"plagiarism",
        },
    ),
}

some = Samples(USUAL)


UNWINDING: dict[str, Any] = {"unwound": [Unwound("t-1", "nursing", "academic", 500)], "transfers": ["t-1"]}

BANK: list[Event] = [
    *registered("p-1", "p-2"),
    some(MemberAdmitted),
    some(MemberAdmitted, institution="college", name="健康学院"),
    some(CreditTermsPublished),
    some(RecognitionStandardPublished),
    some(CreditTransferRulePublished),
]
ACCOUNT = [*BANK, some(LearningAccountOpened)]
OFFERED = [*ACCOUNT, some(CourseOffered)]
ENROLLED = [*OFFERED, some(CourseEnrolled)]
COMPLETED = [*ENROLLED, some(CourseCompleted)]
DEPOSITED = [*COMPLETED, some(OutcomeDeposited)]
SUBMITTED = [*DEPOSITED, some(OutcomeSubmitted)]
RECOGNISED = [*SUBMITTED, some(OutcomeRecognised)]
AWARDED = [*RECOGNISED, some(CreditsAwarded)]
REQUESTED = [*AWARDED, some(CreditTransferRequested)]
TRANSFERRED = [*REQUESTED, some(CreditsTransferred)]
CERTIFIED = [*TRANSFERRED, some(CertificateIssued)]
REVOKED = [*TRANSFERRED, some(CreditsRevoked, **UNWINDING)]


def judged(made: Iterable[Event]) -> None:
    """Assert that all rules admit these events in turn."""
    judge = Judge(RULES, WarmFolds(ListedHistories([]), WARM_BYTES))
    for prepared in judge.prepare(made).events:
        refused = judge.refusal(prepared)
        assert refused is None, prepared.event.id
        judge.admit(prepared.event)
