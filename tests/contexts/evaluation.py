"""A pupil's semester: a sample of each event, and the history up to each step."""

from __future__ import annotations

from typing import Any

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
    KindTerms,
    RecordingWindowSet,
    RequiredHours,
    UsePolicyPublished,
    UsePolicyWithdrawn,
)
from events.evaluation.reports import (
    EvaluationCorrected,
    EvaluationFinalised,
    EvaluationReleased,
    ReportConfirmed,
    ReportReturned,
    ReportSigned,
    SelfStatementWritten,
)
from events.event import Event
from events.roll.published import RollRulesPublished, StageTerms
from events.roll.pupils import StudentEnrolled
from events.roll.schools import SchoolRegistered
from events.roll.teachers import TeacherAppointed
from tests.contexts.calendar import notice
from tests.contexts.persons import registered
from tests.contexts.samples import Samples

KINDS = [
    KindTerms("moral-conduct", "morality-and-citizenship", ["pupil", "teacher"]),
    KindTerms("social-practice", "innovation-and-practice", ["practice-base"], rests_on_activity=True),
    KindTerms("physical-health", "health-and-arts", ["system"], "measured"),
    KindTerms("mental-health", "health-and-arts", ["pupil"], "private"),
]
REQUIRED = [RequiredHours("upper-secondary", "public-service", 60)]
UPPER = StageTerms("upper-secondary", 10, 12, compulsory=False)

PUPIL = {"person": "p-1", "school": "s-1", "district": "huangpu", "semester": "2024-autumn"}
ENTRY = {**PUPIL, "entry": "e-1", "kind": "moral-conduct"}
POST = {"school": "s-1", "district": "huangpu"}
HOURS = {
    "person": "p-1",
    "activity": "a-1",
    "stage": "upper-secondary",
    "practice": "public-service",
    "semester": "2024-autumn",
}

USUAL: dict[type[Event], tuple[str, dict[str, Any]]] = {
    RollRulesPublished: (
        "2020-01-01",
        {"since": "2020-01-01", "stages": [UPPER], "consent_working_days": 10, "leave_days": 365},
    ),
    SchoolRegistered: (
        "2020-01-02",
        {**POST, "name": "格致中学", "stages": ["upper-secondary"]},
    ),
    StudentEnrolled: (
        "2024-09-01",
        {"person": "p-1", **POST, "stage": "upper-secondary", "grade": 10},
    ),
    TeacherAppointed: (
        "2023-09-01",
        {"person": "t-1", "appointment": "ap-1", **POST, "post": "class-teacher"},
    ),
    EvaluationTermsPublished: (
        "2024-01-01",
        {
            "since": "2024-01-01",
            "objection_working_days": 5,
            "kinds": KINDS,
            "required": REQUIRED,
        },
    ),
    RecordingWindowSet: (
        "2024-09-01",
        {"semester": "2024-autumn", "opens": "2024-12-16", "closes": "2025-01-10"},
    ),
    UsePolicyPublished: (
        "2024-03-01",
        {
            "receiver": "fudan",
            "policy": "up-1",
            "title": "综合素质评价信息使用办法",
            "dimensions": ["innovation-and-practice"],
            "text": "read in interviews",
            "since": "2024-04-01",
            "until": "2027-12-31",
        },
    ),
    UsePolicyWithdrawn: ("2026-01-01", {"receiver": "fudan", "policy": "up-1", "reason": "replaced"}),
    PracticeBaseRegistered: (
        "2024-02-01",
        {"base": "b-1", "name": "上海博物馆", "district": "huangpu", "practices": ["public-service"]},
    ),
    PracticeBaseClosed: ("2026-02-01", {"base": "b-1", "reason": "moved"}),
    ActivityOpened: (
        "2024-09-10",
        {
            "activity": "a-1",
            "base": "b-1",
            "title": "志愿讲解",
            "practice": "public-service",
            "semester": "2024-autumn",
            "starts": "2024-10-01",
            "ends": "2024-10-31",
            "minutes_a_day": 240,
        },
    ),
    ActivityAttended: ("2024-10-05", {**HOURS, **POST, "minutes": 180}),
    AttendanceRevoked: (
        "2024-10-06",
        {**HOURS, "attended": "2024-10-05", "minutes": 180, "reason": b"counted twice"},
    ),
    EvaluationEntryRecorded: (
        "2024-12-16",
        {
            **ENTRY,
            "dimension": "morality-and-citizenship",
            "entered_by": "pupil",
            "content": b"sealed",
        },
    ),
    EntryVerified: ("2024-12-17", {**ENTRY, "appointment": "ap-1"}),
    EntrySelected: ("2024-12-18", ENTRY),
    EntryPosted: ("2024-12-27", ENTRY),
    EntryContested: ("2024-12-30", {**ENTRY, "by": "schoolmate", "grounds": b"sealed"}),
    EntryUpheld: ("2025-01-03", {**ENTRY, "reason": b"sealed"}),
    EntryStruck: ("2025-01-03", {**ENTRY, "reason": b"sealed"}),
    EntryConfirmed: ("2024-12-20", {**ENTRY, "entry": "e-2", "kind": "physical-health"}),
    SelfStatementWritten: ("2025-01-06", {**PUPIL, "statement": b"statement"}),
    ReportConfirmed: ("2025-01-07", PUPIL),
    ReportSigned: ("2025-01-08", {**PUPIL, "signer": "class-teacher", "appointment": "ap-1"}),
    ReportReturned: (
        "2025-01-08",
        {**PUPIL, "signer": "class-teacher", "appointment": "ap-1", "reason": b"sealed"},
    ),
    EvaluationFinalised: ("2025-01-10", PUPIL),
    EvaluationReleased: (
        "2025-04-01",
        {
            "person": "p-1",
            "receiver": "fudan",
            "policy": "up-1",
            "candidate": "c-2025-1",
            "semesters": ["2024-autumn"],
            "dimensions": ["innovation-and-practice"],
        },
    ),
    EvaluationCorrected: (
        "2025-05-01",
        {
            **PUPIL,
            "reason": b"sealed",
            "receivers": ["fudan"],
            "entry": "e-1",
            "kind": "moral-conduct",
            "content": b"new",
        },
    ),
}

some = Samples(USUAL)


MEASUREMENT = {"entry": "e-2", "kind": "physical-health"}
PRIVATE = {"entry": "e-3", "kind": "mental-health"}

SCHOOL: list[Event] = [
    *registered("p-1", "p-2", "t-1", "t-2"),
    some(RollRulesPublished),
    some(SchoolRegistered),
    some(StudentEnrolled),
    some(TeacherAppointed),
    some(TeacherAppointed, person="t-2", appointment="ap-2", post="principal"),
]
CITY = [
    *SCHOOL,
    notice(2025, "2025-01-01"),
    some(EvaluationTermsPublished),
    some(RecordingWindowSet),
    some(UsePolicyPublished),
]
OPENED = [*CITY, some(PracticeBaseRegistered), some(ActivityOpened)]
ATTENDED = [*OPENED, some(ActivityAttended)]
RECORDED = [*CITY, some(EvaluationEntryRecorded)]
SECOND = some(EvaluationEntryRecorded, entry="e-9")
READY = [*RECORDED, some(EntryVerified), some(EntrySelected)]
POSTED = [*READY, some(EntryPosted)]
CONTESTED = [*POSTED, some(EntryContested)]
MEASURED = [
    *CITY,
    some(EvaluationEntryRecorded, **MEASUREMENT, dimension="health-and-arts", entered_by="system"),
]
PRIVATELY = [*CITY, some(EvaluationEntryRecorded, **PRIVATE, dimension="health-and-arts")]
WRITTEN = [*POSTED, some(SelfStatementWritten)]
CONFIRMED = [*WRITTEN, some(ReportConfirmed)]
SIGNED = [
    *CONFIRMED,
    some(ReportSigned),
    some(ReportSigned, "2025-01-09", signer="principal", appointment="ap-2"),
]
FINAL = [*SIGNED, some(EvaluationFinalised)]
RELEASED = [*FINAL, some(EvaluationReleased)]
STRIKE = some(EvaluationCorrected, strikes=True, content=None)
