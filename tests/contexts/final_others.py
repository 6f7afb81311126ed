"""Final states of projects, integrity and learning."""

from __future__ import annotations

from msgspec.structs import replace

from domain.integrity.record import RECORD
from domain.integrity.reviews import REVIEWS
from domain.learning.accounts import ACCOUNTS
from domain.learning.certificates import CERTIFICATE_NUMBER
from domain.learning.courses import ENROLMENTS
from domain.learning.credit import CREDITS
from domain.learning.outcomes import OUTCOMES
from domain.learning.transfers import REQUESTS
from domain.projects.approval import OBJECTION
from domain.projects.project import PROJECT
from domain.projects.systems import SYSTEM
from events.learning import accounts, certificates, courses, credit, outcomes, transfers
from streams.scenario import at
from tests.contexts import integrity, learning, projects
from tests.contexts.final import ANOTHER, OTHERS, Case, on
from tests.contexts.learning import some

OF_PROJECT = (
    projects.CONFIRMED,
    projects.PROPOSAL_PASSED,
    projects.RESULT_PASSED,
    projects.POSTED,
    projects.OBJECTED,
    projects.RETURNED,
    projects.RESUBMITTED,
    projects.APPROVED,
    replace(projects.AWARDED, contract="c-9"),
    projects.CHANGED,
    projects.ACCEPTED,
    projects.TERMINATED,
)
SETTLED = {
    "projects.ContractAmended": "a contract is settled after the project has ended",
    "projects.SpendingReported": "what is owed is paid after the project has ended",
}
UPGRADE = replace(projects.FILED, project="z", kind="upgrade", completion="2027-01-01")
AWARDED_AGAIN = some(credit.CreditsAwarded, "2024-11-01", award="aw-9")
OF_CONDUCT = on(
    "2024-04-01",
    integrity.NOTIFIED,
    integrity.CONTESTED,
    integrity.UPHELD,
    integrity.DISMISSED,
    integrity.REPAIRED,
)


CASES = [
    Case(
        "project terminated",
        PROJECT,
        (*projects.TO_TRIAL, projects.TERMINATED),
        {"not-": on("2024-12-01", *OF_PROJECT, projects.EVALUATED, projects.STARTED, projects.LINKED)},
        SETTLED,
    ),
    Case(
        "project accepted",
        PROJECT,
        projects.TO_ACCEPTANCE,
        {"not-": on("2024-12-01", *OF_PROJECT)},
        SETTLED
        | {
            "projects.MilestoneReached": "an accepted project goes into operation",
            "projects.ProjectEvaluated": "an accepted project is evaluated",
            "projects.ProjectLinked": "an accepted project tells of data sets and sites",
        },
    ),
    Case(
        "objection answered",
        OBJECTION,
        (*projects.TO_NOTICE, projects.OBJECTED, projects.ANSWERED),
        {"objection-answered": [projects.ANSWERED, projects.UPHELD]},
    ),
    Case(
        "system retired",
        SYSTEM,
        (*projects.TO_TRIAL, projects.RESULT_PASSED, replace(projects.RETIRED, successor=None)),
        {
            "system-retired": [
                *on("2026-02-01", projects.RETIRED, projects.ACCEPTED, UPGRADE),
                replace(projects.USED, month="2026-03", occurred_at=at("2026-05-01")),
            ]
        },
    ),
    Case(
        "conduct dismissed",
        RECORD,
        (*integrity.COUNTING, integrity.DISMISSED),
        {"conduct-dismissed": OF_CONDUCT, "evidence-used": [replace(integrity.OBSERVED, conduct="c-9")]},
        {"integrity.IntegrityReviewOpened": "other cases may reach the points"},
    ),
    Case(
        "review closed",
        REVIEWS,
        (*integrity.COUNTING, integrity.OPENED, integrity.CLOSED),
        {"review-closed": on("2024-04-01", integrity.WARNED, integrity.CLOSED)},
        {"integrity.IntegrityReviewOpened": ANOTHER, "integrity.IntegrityWarningCleared": OTHERS},
    ),
    Case(
        "warning cleared",
        REVIEWS,
        (*integrity.COUNTING, integrity.OPENED, integrity.WARNED, integrity.CLOSED, integrity.CLEARED),
        {
            "warning-cleared": on("2024-07-01", integrity.CLEARED),
            "review-closed": on("2024-07-01", integrity.CLOSED),
            "warning-known": on("2024-07-01", integrity.WARNED),
        },
        {"integrity.IntegrityReviewOpened": ANOTHER},
    ),
    Case(
        "learning account closed",
        ACCOUNTS,
        [*learning.ACCOUNT, some(accounts.LearningAccountClosed)],
        {
            "account-closed": [
                some(accounts.LearnerSectorChanged, "2025-05-01"),
                some(accounts.LearningAccountClosed, "2025-05-01"),
            ]
        },
        {"learning.LearningAccountOpened": ANOTHER}
        | {
            f"learning.{each}": "it needs an open account, and another may be opened"
            for each in (
                "CourseEnrolled",
                "OutcomeDeposited",
                "OutcomeSubmitted",
                "CreditTransferRequested",
            )
        },
    ),
    Case(
        "course completed",
        ENROLMENTS,
        learning.COMPLETED,
        {
            "completed-already": [
                some(each, "2024-06-30")
                for each in (courses.CourseEnrolled, courses.CourseWithdrawn, courses.CourseCompleted)
            ]
        },
        {"learning.OutcomeDeposited": "what was completed is deposited"},
    ),
    Case(
        "outcome awarded",
        OUTCOMES,
        learning.AWARDED,
        {
            "recognised-already": [
                some(each, "2024-08-01")
                for each in (
                    outcomes.OutcomeSubmitted,
                    outcomes.OutcomeRecognised,
                    outcomes.OutcomeDeclined,
                )
            ],
            "awarded-already": [AWARDED_AGAIN],
            "completion-deposited": [some(outcomes.OutcomeDeposited, "2024-08-01", outcome="oc-9")],
        },
    ),
    Case(
        "award revoked",
        CREDITS,
        learning.REVOKED,
        {
            "credits-revoked": [
                some(credit.CreditsRevoked, "2024-11-01"),
                some(transfers.CreditTransferRequested, "2024-11-01", transfer="t-9"),
                some(certificates.CertificateIssued, "2024-11-01"),
            ],
            "transfer-decided": [some(transfers.CreditsTransferred, "2024-11-01")],
            "awarded-already": [AWARDED_AGAIN],
        },
        {"learning.CertificateRevoked": OTHERS},
    ),
    *(
        Case(
            f"credit transfer {name}",
            REQUESTS,
            history,
            {
                "transfer-decided": [
                    some(transfers.CreditTransferDeclined, "2024-11-01"),
                    some(transfers.CreditsTransferred, "2024-11-01"),
                ],
                "transfer-number-given": [some(transfers.CreditTransferRequested, "2024-11-01")],
            },
        )
        for name, history in (
            ("transferred", learning.TRANSFERRED),
            ("declined", [*learning.REQUESTED, some(transfers.CreditTransferDeclined)]),
        )
    ),
    Case(
        "certificate revoked",
        CERTIFICATE_NUMBER,
        [*learning.CERTIFIED, some(certificates.CertificateRevoked)],
        {
            "certificate-revoked": [some(certificates.CertificateRevoked, "2024-11-01")],
            "certificate-number-given": [some(certificates.CertificateIssued, "2024-11-01")],
        },
    ),
]
