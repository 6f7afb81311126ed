"""The lifelong learning archive and its outcomes."""

from __future__ import annotations

from typing import get_args

from events.event import Event
from events.learning import EVENTS
from events.learning.accounts import LearnerSectorChanged, LearningAccountClosed
from events.learning.certificates import CertificateRevoked
from events.learning.courses import CourseWithdrawn
from events.learning.credit import CreditsRevoked
from events.learning.outcomes import OutcomeDeclined
from events.learning.transfers import CreditTransferDeclined
from projections.learning.archive import Entry, Life
from streams.scenario import given
from tests.contexts.learning import CERTIFIED, DEPOSITED, RECOGNISED, REVOKED, SUBMITTED, UNWINDING, some

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


def test_a_line_of_the_archive_has_a_detail() -> None:
    history = given(*REVOKED)
    assert history.row("learning-archives", "p-1", "2024-10-02", REVOKING, "aw-1") == Entry(
        "p-1", "2024-10-02", REVOKING, "aw-1", "open-university", "academic", None, b"plagiarism", 500
    )
    completed = history.row("learning-archives", "p-1", "2024-06-30", "course-completed", "law-24")
    assert completed.detail == "pass"
    others = [some(LearnerSectorChanged), some(OutcomeDeclined), some(CreditTransferDeclined)]
    others += [some(CourseWithdrawn, counted_as="fail"), some(LearningAccountClosed)]
    assert [(each.detail, each.words) for each in given(*others).rows("learning-archives")] == [
        ("fail", None),
        (None, b"no evidence"),
        (None, b"not of the field"),
        ("elderly", None),
        (None, b"asked for"),
    ]


def test_the_archive_has_every_event_about_a_learner() -> None:
    about_learners = {each for each in EVENTS if "person" in each.__struct_fields__}
    assert set(get_args(Life)) == about_learners


def test_an_outcome_shows_its_status() -> None:
    def status(*history: Event) -> tuple[str, str | None, str | None]:
        row = given(*history).row("learning-outcomes", "p-1", "oc-1")
        return row.status, row.institution, row.since

    assert status(*DEPOSITED) == ("deposited", None, "2024-07-01")
    assert status(*SUBMITTED) == ("submitted", "open-university", "2024-07-02")
    assert status(*SUBMITTED, some(OutcomeDeclined)) == ("declined", "open-university", "2024-07-10")
    assert status(*RECOGNISED) == ("recognised", "open-university", "2024-07-10")
    assert given(*RECOGNISED).row("learning-outcomes", "p-1", "oc-1").course == "law"
