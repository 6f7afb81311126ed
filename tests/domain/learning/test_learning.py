"""The credit bank's members, accounts, courses, outcomes, credits and certificates: what the rules admit."""

from __future__ import annotations

import pytest

from events.event import Event
from events.identity.persons import PersonsMerged
from events.learning.accounts import LearnerSectorChanged, LearningAccountClosed, LearningAccountOpened
from events.learning.certificates import CertificateIssued, CertificateRevoked
from events.learning.courses import (
    CourseCompleted,
    CourseEnrolled,
    CourseOffered,
    CourseSharingAgreed,
    CourseWithdrawn,
)
from events.learning.credit import CreditsAwarded, CreditsRevoked
from events.learning.outcomes import OutcomeDeclined, OutcomeDeposited, OutcomeRecognised, OutcomeSubmitted
from events.learning.published import (
    CreditTermsPublished,
    HoursPerCredit,
    MemberAdmitted,
    MemberRemoved,
    RecognitionStandardPublished,
    RecognitionStandardRetired,
    ResultCounts,
)
from events.learning.transfers import CreditTransferRequested
from streams.scenario import chain, given
from tests.contexts.learning import (
    ACCOUNT,
    AWARDED,
    BANK,
    CERTIFIED,
    COMPLETED,
    DEPOSITED,
    ENROLLED,
    HOURS,
    OFFERED,
    RECOGNISED,
    RESULTS,
    SUBMITTED,
    TRANSFERRED,
    UNWINDING,
    some,
)
from tests.contexts.samples import after

RETIRED = [*BANK, some(RecognitionStandardRetired)]
WITHDRAWN = [*ENROLLED, some(CourseWithdrawn)]
CERTIFICATE_GONE = [*CERTIFIED, some(CertificateRevoked)]
REVOKED = [*CERTIFICATE_GONE, some(CreditsRevoked, **UNWINDING)]
OWN_CERTIFICATE = some(CertificateIssued, certificate="c-2", institution="open-university", programme=None)
LAW_AGAIN = [
    some(CourseOffered, offering="law-25", day="2025-01-06", starts="2025-02-01", ends="2025-06-30"),
    some(CourseEnrolled, "2025-01-10", offering="law-25"),
    some(CourseCompleted, "2025-06-30", offering="law-25"),
    some(OutcomeDeposited, "2025-07-01", offering="law-25", outcome="oc-2"),
    some(OutcomeSubmitted, "2025-07-02", outcome="oc-2"),
]


def test_a_whole_life_is_admitted() -> None:
    chain(
        *BANK,
        some(LearningAccountOpened),
        some(CourseOffered, seats=1),
        some(CourseSharingAgreed),
        some(CourseEnrolled, through="college"),
        some(CourseWithdrawn, "2024-01-11"),
        some(CourseEnrolled, "2024-01-12"),
        some(CourseCompleted),
        some(OutcomeDeposited),
        some(OutcomeSubmitted),
        some(OutcomeDeclined),
        some(OutcomeSubmitted, "2024-07-10"),
        some(OutcomeRecognised),
        some(CreditsAwarded),
        *TRANSFERRED[-2:],
        some(CertificateIssued),
        some(CertificateRevoked),
        some(CreditsRevoked, **UNWINDING),
        some(LearnerSectorChanged),
        some(LearningAccountClosed, sector="elderly"),
        some(LearningAccountOpened, "2025-05-01", account="a-2"),
        some(RecognitionStandardRetired, "2025-06-01"),
        some(MemberRemoved),
        some(MemberAdmitted, "2026-02-01"),
    )


def test_accounts_outcomes_and_credits_follow_a_merge_of_persons() -> None:
    merged = given(*AWARDED, PersonsMerged(merged="p-1", surviving="p-2"))
    merged.when(some(LearningAccountOpened, person="p-2", account="a-2")).refused("has-an-account")
    merged.when(after(AWARDED, some(CourseEnrolled, person="p-2"))).refused("completed-already")
    merged.when(some(CreditTransferRequested, person="p-2")).admitted()
    merged.when(some(CreditsRevoked, person="p-2")).admitted()


@pytest.mark.parametrize(
    "history, proposed",
    [
        (BANK, some(CreditTermsPublished, "2021-01-01", since="2021-01-01")),
        (RETIRED, some(RecognitionStandardPublished, "2024-01-01", since="2024-01-01")),
        (
            DEPOSITED[:-1],
            some(
                OutcomeDeposited,
                kind="qualification",
                category="vocational",
                course=None,
                offering=None,
                evidence="registry#q-1",
            ),
        ),
        (AWARDED, OWN_CERTIFICATE),
        (AWARDED, some(CreditsRevoked)),
        (WITHDRAWN, some(CourseEnrolled, "2024-03-02")),
        ([*REVOKED, *LAW_AGAIN], some(OutcomeRecognised, "2025-07-03", outcome="oc-2")),
        (BANK, some(CourseOffered, starts="2024-02-01", ends="2024-02-01")),
        (ENROLLED, some(CourseWithdrawn, "2024-12-01", counted_as="fail", day_estimated=True)),
    ],
)
def test_admitted(history: list[Event], proposed: Event) -> None:
    given(*history).when(proposed).admitted()


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        (BANK, some(MemberAdmitted), "member-admitted"),
        ([], some(MemberRemoved), "unknown-member"),
        ([*BANK, some(MemberRemoved, "2020-02-01")], some(CourseOffered), "member-removed"),
        ([*SUBMITTED, some(MemberRemoved, "2024-07-03")], some(OutcomeRecognised), "member-removed"),
        (
            BANK,
            some(CreditTermsPublished, hours_per_credit=[*HOURS, HoursPerCredit("academic", 9)]),
            "said-twice",
        ),
        (BANK, some(CreditTermsPublished, results=[*RESULTS, ResultCounts("pass", 50)]), "said-twice"),
        (
            BANK,
            some(RecognitionStandardPublished, standard="st-2", until="2020-01-31"),
            "ends-before-it-begins",
        ),
        (BANK, some(RecognitionStandardPublished, institution="college"), "other-publisher"),
        (BANK, some(RecognitionStandardPublished, category="vocational"), "other-category"),
        (BANK, some(RecognitionStandardRetired, standard="st-9"), "unknown-standard"),
        (RETIRED, some(RecognitionStandardRetired), "standard-retired"),
    ],
)
def test_publishing_refused(history: list[Event], proposed: Event, code: str) -> None:
    given(*history).when(proposed).refused(code)


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        (ACCOUNT, some(LearningAccountOpened, account="a-2"), "has-an-account"),
        (ACCOUNT, some(LearningAccountOpened, person="p-2"), "account-number-given"),
        (ACCOUNT, some(LearnerSectorChanged, account="a-9"), "unknown-account"),
        (ACCOUNT, some(LearnerSectorChanged, from_sector="community"), "other-sector"),
        (ACCOUNT, some(LearnerSectorChanged, to_sector="open"), "same-sector"),
        (ACCOUNT, some(LearningAccountClosed, sector="elderly"), "other-sector"),
        ([*ACCOUNT, some(LearningAccountClosed)], some(LearningAccountClosed), "account-closed"),
        (OFFERED, some(CourseEnrolled, person="p-2"), "unknown-account"),
    ],
)
def test_account_refused(history: list[Event], proposed: Event, code: str) -> None:
    given(*history).when(proposed).refused(code)


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        (OFFERED, some(CourseOffered), "offering-known"),
        (BANK, some(CourseOffered, ends="2024-01-31"), "ends-before-it-begins"),
        (BANK, some(CourseSharingAgreed), "unknown-offering"),
        (OFFERED, some(CourseSharingAgreed, institution="college"), "other-institution"),
        (OFFERED, some(CourseSharingAgreed, partner="open-university"), "shared-with-itself"),
        (OFFERED, some(CourseSharingAgreed, partner="stranger"), "unknown-member"),
        ([*OFFERED, some(CourseSharingAgreed)], some(CourseSharingAgreed), "shared-already"),
        (ACCOUNT, some(CourseEnrolled), "unknown-offering"),
        (ENROLLED, some(CourseEnrolled), "enrolled-already"),
        (COMPLETED, after(COMPLETED, some(CourseEnrolled)), "completed-already"),
        (OFFERED, some(CourseEnrolled, "2024-07-01"), "offering-ended"),
        (OFFERED, some(CourseEnrolled, through="college"), "not-shared"),
        (
            [
                *ACCOUNT,
                some(CourseOffered, seats=1),
                some(LearningAccountOpened, person="p-2", account="a-2"),
                some(CourseEnrolled, person="p-2"),
            ],
            some(CourseEnrolled),
            "no-seat-free",
        ),
        (OFFERED, some(CourseWithdrawn), "unknown-enrolment"),
        (WITHDRAWN, some(CourseCompleted), "unknown-enrolment"),
        (COMPLETED, after(COMPLETED, some(CourseWithdrawn)), "completed-already"),
        (ENROLLED, some(CourseCompleted, "2024-01-31"), "not-begun"),
    ],
)
def test_course_refused(history: list[Event], proposed: Event, code: str) -> None:
    given(*history).when(proposed).refused(code)


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        (DEPOSITED, some(OutcomeDeposited), "outcome-deposited"),
        (DEPOSITED, some(OutcomeDeposited, outcome="oc-2"), "completion-deposited"),
        (ENROLLED, some(OutcomeDeposited), "unknown-completion"),
        (COMPLETED, some(OutcomeDeposited, result="fail"), "not-passed"),
        (COMPLETED, some(OutcomeDeposited, result="distinction"), "other-than-completed"),
        (COMPLETED, some(OutcomeDeposited, hours=900), "other-than-completed"),
        (COMPLETED, some(OutcomeDeposited, category="vocational"), "other-than-completed"),
        (COMPLETED, some(OutcomeDeposited, offering=None), "course-untold"),
        (COMPLETED, some(OutcomeDeposited, kind="training"), "course-untold"),
        (COMPLETED, some(OutcomeSubmitted), "unknown-outcome"),
        (SUBMITTED, some(OutcomeSubmitted), "submitted-already"),
        (RECOGNISED, after(RECOGNISED, some(OutcomeSubmitted)), "recognised-already"),
        (DEPOSITED, some(OutcomeSubmitted, standard="st-9"), "unknown-standard"),
        ([*DEPOSITED, some(RecognitionStandardRetired)], some(OutcomeSubmitted), "standard-not-in-force"),
        (DEPOSITED, some(OutcomeSubmitted, institution="stranger"), "unknown-member"),
        (RECOGNISED, some(OutcomeRecognised), "recognised-already"),
        (DEPOSITED, some(OutcomeRecognised), "unknown-submission"),
        (SUBMITTED, some(OutcomeRecognised, institution="college"), "other-institution"),
        (
            [*SUBMITTED, some(RecognitionStandardPublished, standard="st-2")],
            some(OutcomeRecognised, standard="st-2"),
            "other-standard",
        ),
        (
            [*SUBMITTED, some(RecognitionStandardRetired, "2024-07-09")],
            some(OutcomeRecognised),
            "standard-not-in-force",
        ),
        (SUBMITTED, some(OutcomeRecognised, "2020-01-31"), "unknown-outcome"),
        (
            [*SUBMITTED, some(RecognitionStandardPublished, until="2024-07-09")],
            some(OutcomeRecognised),
            "standard-not-in-force",
        ),
        (
            [*DEPOSITED, some(RecognitionStandardPublished, standard="st-2", category="vocational")],
            some(OutcomeSubmitted, standard="st-2"),
            "other-category",
        ),
        (
            [*RECOGNISED, *LAW_AGAIN],
            some(OutcomeRecognised, "2025-07-03", outcome="oc-2"),
            "course-recognised",
        ),
        (DEPOSITED, some(OutcomeDeclined), "unknown-submission"),
        (SUBMITTED, some(OutcomeDeclined, institution="college"), "other-institution"),
        (RECOGNISED, some(OutcomeDeclined), "recognised-already"),
    ],
)
def test_outcome_refused(history: list[Event], proposed: Event, code: str) -> None:
    given(*history).when(proposed).refused(code)
