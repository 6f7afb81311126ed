"""A school, a pupil and a teacher: each of their events, for tests to vary."""

from __future__ import annotations

from events.roll.pupils import (
    StudentAccelerated,
    StudentEnrolled,
    StudentGraduated,
    StudentLeaveStarted,
    StudentLeft,
    StudentPromoted,
    StudentResumed,
    StudentRetained,
    StudentWithdrawn,
)
from events.roll.schools import SchoolClosed, SchoolRegistered, SchoolsMerged
from events.roll.teachers import QualificationAwarded, TeacherAppointed, TeacherLeft, TeacherTransferred
from events.roll.transfers import StudentTransferred, TransferConsented, TransferRequested, TransferWithdrawn
from streams.scenario import at

A = SchoolRegistered(
    school="a", name="甲小学", district="d", stages=["primary"], occurred_at=at("2000-01-02")
)
MERGED = SchoolsMerged(school="a", into="b", occurred_at=at("2021-07-01"))
CLOSED = SchoolClosed(school="a", reason="撤并", occurred_at=at("2021-07-01"))
ENROLLED = StudentEnrolled(
    person="p",
    school="a",
    district="d",
    stage="primary",
    grade=1,
    class_name="一(1)班",
    occurred_at=at("2020-09-01"),
)
PROMOTED = StudentPromoted(
    person="p",
    school="a",
    district="d",
    stage="primary",
    from_grade=1,
    to_grade=2,
    occurred_at=at("2021-09-01"),
)
RETAINED = StudentRetained(
    person="p",
    school="a",
    district="d",
    stage="primary",
    grade=1,
    reason=b"sealed",
    occurred_at=at("2021-09-01"),
)
ACCELERATED = StudentAccelerated(
    person="p",
    school="a",
    district="d",
    stage="primary",
    from_grade=1,
    to_grade=3,
    occurred_at=at("2021-09-01"),
)
MOVED = StudentTransferred(
    person="p",
    from_school="a",
    to_school="b",
    from_district="d",
    to_district="e",
    stage="primary",
    grade=1,
    transfer="t",
    occurred_at=at("2021-03-20"),
)
REQUESTED = TransferRequested(
    transfer="t",
    person="p",
    from_school="a",
    to_school="b",
    grade=1,
    reason=b"sealed",
    occurred_at=at("2021-03-01"),
)
CONSENTED = TransferConsented(transfer="t", by="sending-school", person="p", occurred_at=at("2021-03-02"))
TAKEN_BACK = TransferWithdrawn(transfer="t", person="p", by="guardian", occurred_at=at("2021-03-03"))
ON_LEAVE = StudentLeaveStarted(
    person="p", school="a", until="2021-12-31", reason=b"sealed", occurred_at=at("2021-02-01")
)
BACK = StudentResumed(person="p", school="a", occurred_at=at("2021-10-01"))
WITHDRAWN = StudentWithdrawn(
    person="p",
    school="a",
    district="d",
    stage="primary",
    grade=1,
    reason=b"sealed",
    occurred_at=at("2021-03-01"),
)
GRADUATED = StudentGraduated(
    person="p", school="a", district="d", stage="primary", grade=1, occurred_at=at("2021-06-30")
)
ABROAD = StudentLeft(
    person="p",
    school="a",
    district="d",
    stage="primary",
    grade=1,
    reason="abroad",
    occurred_at=at("2021-03-01"),
)
QUALIFIED = QualificationAwarded(
    person="t",
    qualification="q-1",
    stage="primary",
    subject="数学",
    awarded="2010-06-01",
    occurred_at=at("2010-06-02"),
)
APPOINTED = TeacherAppointed(
    person="t",
    appointment="n-1",
    school="a",
    district="d",
    post="teacher",
    subject="数学",
    occurred_at=at("2010-09-01"),
)
TEACHER_MOVED = TeacherTransferred(
    person="t",
    appointment="n-1",
    from_school="a",
    to_school="b",
    from_district="d",
    to_district="e",
    occurred_at=at("2015-09-01"),
)
TEACHER_LEFT = TeacherLeft(
    person="t",
    appointment="n-1",
    school="b",
    district="e",
    reason="retired",
    occurred_at=at("2020-07-01"),
)
