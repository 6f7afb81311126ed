"""Evaluation: published data, social practice and entries, what the rules admit and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest

from events.evaluation.entries import (
    EntryConfirmed,
    EntryContested,
    EntryPosted,
    EntrySelected,
    EntryStruck,
    EntryUpheld,
    EntryVerified,
    EvaluationEntryRecorded,
)
from events.evaluation.practice import (
    ActivityAttended,
    ActivityOpened,
    AttendanceRevoked,
    PracticeBaseClosed,
    PracticeBaseRegistered,
)
from events.evaluation.published import (
    EvaluationTermsPublished,
    RecordingWindowSet,
    UsePolicyPublished,
    UsePolicyWithdrawn,
)
from events.event import Event
from events.identity.persons import PersonsMerged
from events.roll.pupils import StudentEnrolled, StudentLeft
from events.roll.teachers import TeacherLeft
from streams.scenario import at, chain, given
from tests.contexts.evaluation import (
    ATTENDED,
    CITY,
    CONFIRMED,
    CONTESTED,
    FINAL,
    KINDS,
    MEASURED,
    MEASUREMENT,
    OPENED,
    POSTED,
    PRIVATE,
    PRIVATELY,
    READY,
    RECORDED,
    REQUIRED,
    SCHOOL,
    SECOND,
    some,
)
from tests.contexts.samples import after

BASE = [*CITY, some(PracticeBaseRegistered)]
CLOSED = [*BASE, some(PracticeBaseClosed)]
REVOKED = [*ATTENDED, some(AttendanceRevoked)]
LEFT = [
    *CITY,
    StudentLeft(
        person="p-1",
        school="s-1",
        district="huangpu",
        stage="upper-secondary",
        grade=10,
        reason="abroad",
        occurred_at=at("2024-10-01"),
    ),
]
TEACHER_LEFT = [
    *RECORDED,
    TeacherLeft(
        person="t-1",
        appointment="ap-1",
        school="s-1",
        district="huangpu",
        reason="retired",
        occurred_at=at("2024-12-16"),
    ),
]
PRACTICE: dict[str, Any] = {
    "kind": "social-practice",
    "dimension": "innovation-and-practice",
    "entered_by": "practice-base",
}
STRUCK = [*POSTED, some(EntryStruck)]


@pytest.mark.parametrize(
    "history, proposed",
    [
        (CITY, some(EvaluationTermsPublished, "2025-01-01", since="2025-09-01")),
        (CITY, some(RecordingWindowSet, "2024-12-20", closes="2025-01-17")),
        (CITY, some(RecordingWindowSet, "2024-12-01", opens="2024-12-20")),
        (CITY, some(UsePolicyPublished, policy="up-2")),
        (CITY, some(UsePolicyWithdrawn)),
        (CITY, some(PracticeBaseRegistered)),
        (CLOSED, some(PracticeBaseRegistered, "2026-03-01")),
        (BASE, some(PracticeBaseClosed)),
        (BASE, some(ActivityOpened)),
        (OPENED, some(ActivityAttended)),
        (ATTENDED, some(ActivityAttended, "2024-10-06")),
        (ATTENDED, some(AttendanceRevoked)),
        (CITY, some(EvaluationEntryRecorded)),
        (CITY, some(EvaluationEntryRecorded, "2025-01-10")),
        (ATTENDED, some(EvaluationEntryRecorded, **PRACTICE, activity="a-1")),
        (RECORDED, SECOND),
        (RECORDED, some(EntryVerified)),
        (RECORDED, some(EntrySelected)),
        (READY, some(EntryPosted)),
        (POSTED, some(EntryContested)),
        (POSTED, some(EntryContested, "2025-01-06")),
        (CONTESTED, some(EntryContested, "2025-01-02", by="teacher")),
        (CONTESTED, some(EntryUpheld)),
        (CONTESTED, some(EntryStruck)),
        (RECORDED, some(EntryStruck)),
        (MEASURED, some(EntryConfirmed)),
        (MEASURED, some(EntryContested, **MEASUREMENT, by="pupil")),
        (PRIVATELY, some(EntryConfirmed, **PRIVATE)),
    ],
)
def test_admitted(history: list[Event], proposed: Event) -> None:
    given(*history).when(proposed).admitted()


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        (CITY, some(EvaluationTermsPublished, kinds=[*KINDS, KINDS[0]]), "said-twice"),
        (CITY, some(EvaluationTermsPublished, required=[*REQUIRED, *REQUIRED]), "said-twice"),
        (CITY, some(RecordingWindowSet, closes="2024-12-01"), "closes-before-it-opens"),
        (CITY, some(RecordingWindowSet, "2024-12-20", opens="2024-12-21"), "window-has-opened"),
        (CITY, some(UsePolicyPublished), "policy-published"),
        (CITY, some(UsePolicyPublished, policy="up-2", until="2024-03-31"), "ends-before-it-begins"),
        (CITY, some(UsePolicyWithdrawn, policy="up-2"), "unknown-use-policy"),
        ([*CITY, some(UsePolicyWithdrawn)], some(UsePolicyWithdrawn), "policy-withdrawn"),
    ],
)
def test_published_data_refused(history: list[Event], proposed: Event, code: str) -> None:
    given(*history).when(proposed).refused(code)


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        (BASE, some(PracticeBaseRegistered), "base-registered"),
        (CITY, some(PracticeBaseClosed), "unknown-practice-base"),
        (CITY, some(ActivityOpened), "unknown-practice-base"),
        (CLOSED, after(CLOSED, some(ActivityOpened)), "base-closed"),
        (OPENED, some(ActivityOpened), "activity-opened"),
        (BASE, some(ActivityOpened, ends="2024-09-30"), "ends-before-it-starts"),
        (BASE, some(ActivityOpened, practice="safety-training"), "practice-not-offered"),
        (BASE, some(ActivityAttended), "unknown-activity"),
        (OPENED, some(ActivityAttended, practice="safety-training"), "other-activity"),
        (OPENED, some(ActivityAttended, "2024-11-01"), "outside-activity"),
        (OPENED, some(ActivityAttended, "2024-09-30"), "outside-activity"),
        (OPENED, some(ActivityAttended, minutes=241), "longer-than-activity"),
        (OPENED, some(ActivityAttended, person="p-2"), "not-on-a-roll"),
        (OPENED, some(ActivityAttended, school="s-2"), "on-another-roll"),
        (OPENED, some(ActivityAttended, district="xuhui"), "other-district"),
        (OPENED, some(ActivityAttended, stage="primary"), "other-stage"),
        (ATTENDED, some(ActivityAttended), "attended"),
        (OPENED, some(AttendanceRevoked), "unknown-attendance"),
        (REVOKED, some(AttendanceRevoked), "unknown-attendance"),
        (ATTENDED, some(AttendanceRevoked, minutes=60), "other-attendance"),
    ],
)
def test_practice_refused(history: list[Event], proposed: Event, code: str) -> None:
    given(*history).when(proposed).refused(code)


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        (SCHOOL, some(EvaluationEntryRecorded), "unknown-window"),
        ([*SCHOOL, some(RecordingWindowSet)], some(EvaluationEntryRecorded), "unknown-evaluation-terms"),
        (CITY, some(EvaluationEntryRecorded, "2024-12-15"), "outside-window"),
        (CITY, some(EvaluationEntryRecorded, "2025-01-11"), "outside-window"),
        (CITY, some(EvaluationEntryRecorded, person="p-2"), "not-on-a-roll"),
        (LEFT, some(EvaluationEntryRecorded), "not-on-a-roll"),
        (CITY, some(EvaluationEntryRecorded, school="s-2"), "on-another-roll"),
        (CITY, some(EvaluationEntryRecorded, district="xuhui"), "other-district"),
        (RECORDED, some(EvaluationEntryRecorded), "entry-recorded"),
        (CITY, some(EvaluationEntryRecorded, kind="student-card"), "kind-not-published"),
        (CITY, some(EvaluationEntryRecorded, entered_by="guardian"), "may-not-enter"),
        (CITY, some(EvaluationEntryRecorded, dimension="health-and-arts"), "other-dimension"),
        (CITY, some(EvaluationEntryRecorded, **PRACTICE), "activity-missing"),
        (OPENED, some(EvaluationEntryRecorded, **PRACTICE, activity="a-1"), "unknown-attendance"),
        (REVOKED, some(EvaluationEntryRecorded, **PRACTICE, activity="a-1"), "unknown-attendance"),
        (CONFIRMED, after(CONFIRMED, SECOND), "report-confirmed"),
        (FINAL, after(FINAL, SECOND), "evaluation-final"),
    ],
)
def test_recording_refused(history: list[Event], proposed: Event, code: str) -> None:
    given(*history).when(proposed).refused(code)


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        (CITY, some(EntryVerified), "unknown-entry"),
        (RECORDED, some(EntryVerified, kind="coursework"), "other-entry"),
        (RECORDED, some(EntryVerified, "2025-02-01"), "outside-window"),
        ([*RECORDED, some(EntryVerified)], some(EntryVerified), "entry-verified"),
        (RECORDED, some(EntryVerified, appointment="ap-9"), "unknown-appointment"),
        (TEACHER_LEFT, some(EntryVerified), "appointment-ended"),
        (READY, some(EntrySelected), "entry-selected"),
        (MEASURED, some(EntrySelected, **MEASUREMENT), "never-posted"),
        (MEASURED, some(EntryPosted, **MEASUREMENT), "never-posted"),
        (PRIVATELY, some(EntryPosted, **PRIVATE), "never-posted"),
        ([*RECORDED, some(EntrySelected)], some(EntryPosted), "not-verified"),
        ([*RECORDED, some(EntryVerified)], some(EntryPosted), "not-selected"),
        (POSTED, some(EntryPosted), "entry-posted"),
        (READY, some(EntryContested), "not-posted"),
        (POSTED, some(EntryContested, "2025-01-07"), "objection-period-over"),
        (MEASURED, some(EntryContested, **MEASUREMENT), "not-theirs"),
        (POSTED, some(EntryUpheld), "not-contested"),
        (STRUCK, some(EntryUpheld), "entry-struck"),
        (STRUCK, some(EntryStruck), "entry-struck"),
        (POSTED, some(EntryConfirmed, entry="e-1", kind="moral-conduct"), "posted-instead"),
        ([*MEASURED, some(EntryConfirmed)], some(EntryConfirmed), "entry-confirmed"),
        (
            [*MEASURED, some(EntryContested, **MEASUREMENT, by="pupil")],
            some(EntryConfirmed, "2025-01-02"),
            "entry-contested",
        ),
        (CONFIRMED, after(CONFIRMED, some(EntryStruck)), "report-confirmed"),
        (FINAL, after(FINAL, some(EntryStruck)), "evaluation-final"),
    ],
)
def test_steps_refused(history: list[Event], proposed: Event, code: str) -> None:
    given(*history).when(proposed).refused(code)


def test_terms_of_the_day_of_recording_decide_how_an_entry_becomes_public() -> None:
    later = some(
        EvaluationTermsPublished,
        "2024-12-01",
        since="2024-12-20",
        kinds=[*KINDS[1:]],
    )
    given(*READY, later).when(some(EntryPosted)).admitted()
    given(*READY, later).when(some(EvaluationEntryRecorded, "2024-12-20", entry="e-9")).refused(
        "kind-not-published"
    )


def test_an_entry_is_of_one_pupil() -> None:
    other = some(StudentEnrolled, person="p-2")
    given(*POSTED, other).when(some(EntryContested, person="p-2")).refused("unknown-entry")


def test_entries_of_a_merged_number_go_on_under_the_other() -> None:
    merged = PersonsMerged(merged="p-1", surviving="p-2", occurred_at=at("2024-12-28"))
    given(*POSTED, merged).when(some(EntryContested, person="p-2")).admitted()


def test_an_entry_from_recording_to_settlement() -> None:
    chain(
        *CITY,
        some(PracticeBaseRegistered),
        some(ActivityOpened),
        some(ActivityAttended),
        some(EvaluationEntryRecorded, **PRACTICE, activity="a-1", entry="e-7"),
        *[
            some(cls, entry="e-7", kind="social-practice")
            for cls in (EntryVerified, EntrySelected, EntryPosted, EntryContested, EntryUpheld)
        ],
        some(EntryContested, "2025-01-06", entry="e-7", kind="social-practice"),
        some(EntryStruck, "2025-01-09", entry="e-7", kind="social-practice"),
    )
