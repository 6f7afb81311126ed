"""Lifelong learning's read models: archives, balances, the transfer ledger, certificates, courses, learners."""

from __future__ import annotations

from typing import get_args

from events.event import Event
from events.learning import EVENTS
from events.learning.accounts import LearnerSectorChanged, LearningAccountClosed, LearningAccountOpened
from events.learning.certificates import CertificateRevoked
from events.learning.courses import (
    CourseCompleted,
    CourseEnrolled,
    CourseOffered,
    CourseSharingAgreed,
    CourseWithdrawn,
)
from events.learning.credit import CreditsRevoked
from events.learning.outcomes import OutcomeDeclined
from events.learning.published import (
    CreditTransferRulePublished,
    CreditTransferRuleRetired,
    MemberRemoved,
    RecognitionStandardPublished,
    RecognitionStandardRetired,
)
from events.learning.transfers import CreditsTransferred, CreditTransferDeclined, CreditTransferRequested
from projections.learning.archive import Entry, Life
from projections.learning.courses import CourseEnrolment
from projections.learning.learners import Learners, LearningAccount
from projections.learning.published import TransferRule
from streams.scenario import given
from tests.contexts.learning import (
    ACCOUNT,
    AWARDED,
    BANK,
    CERTIFIED,
    COMPLETED,
    DEPOSITED,
    ENROLLED,
    OFFERED,
    RECOGNISED,
    REQUESTED,
    SUBMITTED,
    TRANSFERRED,
    UNWINDING,
    some,
)

REVOKED = [*TRANSFERRED, some(CreditsRevoked, **UNWINDING)]
REVOKING = "credits-revoked"


def test_the_archive_is_the_timeline_of_a_life() -> None:
    history = given(*CERTIFIED, some(CertificateRevoked), some(CreditsRevoked, **UNWINDING))
    lines = [(each.day, each.what, each.about) for each in history.rows("learning-archives")]
    assert lines == [
        ("2024-01-05", "account-opened", "a-1"),
        ("2024-01-10", "course-enrolled", "law-24"),
        ("2024-06-30", "course-completed", "law-24"),
        ("2024-07-01", "outcome-deposited", "oc-1"),
        ("2024-07-02", "outcome-submitted", "oc-1"),
        ("2024-07-10", "outcome-recognised", "oc-1"),
        ("2024-07-11", "credits-awarded", "aw-1"),
        ("2024-08-01", "transfer-requested", "t-1"),
        ("2024-08-10", "credits-transferred", "t-1"),
        ("2024-09-01", "certificate-issued", "c-1"),
        ("2024-10-01", "certificate-revoked", "c-1"),
        ("2024-10-02", REVOKING, "aw-1"),
    ]


def test_a_line_of_the_archive_tells_what_it_came_to() -> None:
    history = given(*REVOKED)
    assert history.row("learning-archives", "p-1", "2024-10-02", REVOKING, "aw-1") == Entry(
        "p-1", "2024-10-02", REVOKING, "aw-1", "open-university", "academic", "plagiarism", 500
    )
    completed = history.row("learning-archives", "p-1", "2024-06-30", "course-completed", "law-24")
    assert completed.detail == "pass"
    others = [some(LearnerSectorChanged), some(OutcomeDeclined), some(CreditTransferDeclined)]
    others += [some(CourseWithdrawn, counted_as="fail"), some(LearningAccountClosed)]
    assert [each.detail for each in given(*others).rows("learning-archives")] == [
        "fail",
        "no evidence",
        "not of the field",
        "elderly",
        "asked for",
    ]


def test_the_archive_has_every_event_about_a_learner() -> None:
    about_learners = {each for each in EVENTS if "person" in each.__struct_fields__}
    assert set(get_args(Life)) == about_learners


def test_balances_follow_award_transfer_and_revocation() -> None:
    def figures(history: list[Event], programme: str = "") -> tuple[int, int, int, int]:
        row = given(*history).row("credit-balances", "p-1", "academic", programme)
        return row.accumulated, row.transferable, row.used, row.revoked

    assert given(*RECOGNISED).rows("credit-balances") == []
    assert figures([*AWARDED]) == (500, 500, 0, 0)
    assert figures([*TRANSFERRED]) == (500, 500, 0, 0)
    assert figures([*TRANSFERRED], "nursing") == (0, 0, 500, 0)
    assert figures([*REVOKED]) == (0, 0, 0, 500)
    assert figures([*REVOKED], "nursing") == (0, 0, 0, 0)
    exclusively = [*REQUESTED, some(CreditsTransferred, exclusive=True)]
    assert figures([*exclusively]) == (500, 0, 0, 0)
    assert figures([*exclusively, some(CreditsRevoked, **UNWINDING)]) == (0, 0, 0, 500)


def test_no_figure_falls_below_zero_where_the_award_is_in_another_row() -> None:
    elsewhere = given(
        some(CreditsRevoked, person="p-2", **UNWINDING), some(CreditsTransferred, exclusive=True)
    )
    for row in elsewhere.rows("credit-balances"):
        assert min(row.accumulated, row.transferable, row.used, row.revoked) == 0


def test_the_ledger_follows_a_transfer_to_its_end() -> None:
    def status(*history: Event) -> tuple[str, int, str | None]:
        row = given(*history).row("credit-transfers", "t-1")
        return row.status, row.credits, row.reason

    assert given(*AWARDED).row("credit-transfers", "t-1") is None
    assert status(*REQUESTED) == ("requested", 0, None)
    assert status(*REQUESTED, some(CreditTransferDeclined)) == ("declined", 0, "not of the field")
    assert status(*TRANSFERRED) == ("transferred", 500, None)
    assert status(*REVOKED) == ("unwound", 500, "plagiarism")
    row = given(*REVOKED).row("credit-transfers", "t-1")
    assert (row.requested, row.decided, row.unwound) == ("2024-08-01", "2024-08-10", "2024-10-02")
    assert (row.person, row.award, row.programme, row.rule) == ("p-1", "aw-1", "nursing", "r-1")
    assert some(CreditTransferRequested).transfer == row.transfer


def test_a_certificate_verifies_until_it_is_revoked() -> None:
    row = given(*CERTIFIED).row("certificates", "c-1")
    assert (row.status, row.title, row.institution) == ("valid", "Nursing assistant", "college")
    assert (row.holder, row.issued, row.awards) == (b"sealed", "2024-09-01", ["aw-1"])
    row = given(*CERTIFIED, some(CertificateRevoked)).row("certificates", "c-1")
    assert (row.status, row.revoked, row.reason) == ("revoked", "2024-10-01", "issued in error")
    assert given(*CERTIFIED).row("certificates", "c-9") is None


def test_an_offering_counts_its_learners() -> None:
    row = given(
        *ACCOUNT,
        some(CourseOffered, seats=30),
        some(CourseSharingAgreed),
        *[some(CourseEnrolled, person=each) for each in ("p-1", "p-2", "p-3")],
        some(CourseWithdrawn),
        some(CourseCompleted, person="p-2"),
        some(CourseCompleted, person="p-3", result="fail"),
    ).row("courses", "law-24")
    assert (row.enrolled, row.withdrawn, row.passed, row.failed) == (3, 1, 1, 1)
    assert (row.course, row.title, row.seats, row.partners) == ("law", "Introduction to law", 30, ["college"])
    assert given(*OFFERED).row("courses", "law-24").starts == "2024-02-01"


def test_an_enrolment_tells_what_came_of_it() -> None:
    def enrolment(*history: Event) -> CourseEnrolment:
        row: CourseEnrolment = given(*history).row("course-enrolments", "p-1", "law-24")
        return row

    assert enrolment(*ENROLLED) == CourseEnrolment("p-1", "law-24", "enrolled", enrolled="2024-01-10")
    completed = enrolment(*COMPLETED)
    assert (completed.status, completed.result, completed.ended) == ("completed", "pass", "2024-06-30")
    estimated = some(CourseWithdrawn, counted_as="fail", day_estimated=True)
    withdrawn = enrolment(*ENROLLED, estimated)
    assert (withdrawn.status, withdrawn.result, withdrawn.estimated) == ("withdrawn", "fail", True)
    again = enrolment(*ENROLLED, estimated, some(CourseEnrolled, "2024-03-02", through="college"))
    assert again == CourseEnrolment(
        "p-1", "law-24", "enrolled", through="college", enrolled="2024-03-02", ended=None
    )


def test_an_outcome_tells_its_status() -> None:
    def status(*history: Event) -> tuple[str, str | None, str | None]:
        row = given(*history).row("learning-outcomes", "p-1", "oc-1")
        return row.status, row.institution, row.since

    assert status(*DEPOSITED) == ("deposited", None, "2024-07-01")
    assert status(*SUBMITTED) == ("submitted", "open-university", "2024-07-02")
    assert status(*SUBMITTED, some(OutcomeDeclined)) == ("declined", "open-university", "2024-07-10")
    assert status(*RECOGNISED) == ("recognised", "open-university", "2024-07-10")
    assert given(*RECOGNISED).row("learning-outcomes", "p-1", "oc-1").course == "law"


def test_learners_of_a_sector_are_the_sum_of_changes() -> None:
    moves = [*ACCOUNT, some(LearnerSectorChanged), some(LearningAccountClosed, sector="elderly")]
    assert given(*moves).rows("learners") == [
        Learners("elderly", "2025-03-01", moved=1, change=1),
        Learners("elderly", "2025-04-01", closed=1, change=-1),
        Learners("open", "2024-01-05", opened=1, change=1),
        Learners("open", "2025-03-01", moved=-1, change=-1),
    ]
    assert given(*moves, some(LearningAccountOpened, "2025-05-01", account="a-2")).rows(
        "learning-accounts"
    ) == [
        LearningAccount("p-1", "a-1", "elderly", "closed", "2024-01-05", "2025-04-01"),
        LearningAccount("p-1", "a-2", "open", "open", "2025-05-01"),
    ]


def test_what_is_published_can_be_looked_up() -> None:
    bank = given(*BANK)
    assert bank.row("credit-bank-members", "college").status == "member"
    assert given(*BANK, some(MemberRemoved)).row("credit-bank-members", "open-university").status == "removed"
    assert bank.row("credit-terms", "city", "2020-01-02").hours_per_credit[0].hours == 18
    assert bank.row("recognition-standards", "st-1").category == "academic"
    rule = TransferRule("r-1", "college", "nursing", "academic", "academic", 100, 1000, since="2020-02-01")
    assert bank.row("credit-transfer-rules", "r-1") == rule


def test_what_is_retired_says_since_when_until_it_is_published_again() -> None:
    retired = [*BANK, some(RecognitionStandardRetired), some(CreditTransferRuleRetired)]
    assert given(*retired).row("recognition-standards", "st-1").retired == "2023-01-01"
    assert given(*retired).row("credit-transfer-rules", "r-1").retired == "2023-01-01"
    again = [
        some(RecognitionStandardPublished, "2024-01-01"),
        some(CreditTransferRulePublished, "2024-01-01"),
    ]
    assert given(*retired, *again).row("recognition-standards", "st-1").retired is None
    assert given(*retired, *again).row("credit-transfer-rules", "r-1").retired is None
