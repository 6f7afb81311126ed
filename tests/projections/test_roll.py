from msgspec.structs import replace

from events.roll.published import RollRulesPublished, StageTerms
from events.roll.pupils import (
    StudentEnrolled,
    StudentGraduated,
    StudentLeaveStarted,
    StudentLeft,
    StudentPromoted,
    StudentResumed,
    StudentWithdrawn,
)
from events.roll.schools import SchoolClosed, SchoolDetailsChanged, SchoolRegistered, SchoolsMerged
from events.roll.teachers import QualificationAwarded, TeacherAppointed, TeacherLeft, TeacherTransferred
from events.roll.transfers import StudentTransferred
from projections.roll.counts import HeadCount, PupilTeacherChange
from projections.roll.published import RollRules
from projections.roll.pupils import Leave, RollHistory, Step, Student
from projections.roll.schools import RollDiscrepancy, School
from projections.roll.teachers import Appointment, Post, Qualification, Teacher
from streams.scenario import at, given

A = SchoolRegistered(
    school="a", name="甲小学", district="d", stages=["primary"], occurred_at=at("2000-01-02")
)
RENAMED = SchoolDetailsChanged(school="a", name="甲实验小学", occurred_at=at("2001-01-01"))
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
    person="p", school="a", district="d", from_grade=1, to_grade=2, occurred_at=at("2021-09-01")
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
ON_LEAVE = StudentLeaveStarted(
    person="p", school="a", until="2021-12-31", reason=b"sealed", occurred_at=at("2021-02-01")
)
BACK = StudentResumed(person="p", school="a", occurred_at=at("2021-10-01"))
WITHDRAWN = StudentWithdrawn(
    person="p", school="a", district="d", grade=1, reason=b"sealed", occurred_at=at("2021-03-01")
)
GRADUATED = StudentGraduated(
    person="p", school="a", district="d", stage="primary", grade=1, occurred_at=at("2021-06-30")
)
ABROAD = StudentLeft(
    person="p", school="a", district="d", grade=1, reason="abroad", occurred_at=at("2021-03-01")
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


def test_schools_follow_their_life() -> None:
    assert given(A, RENAMED).row("schools", "a") == School("a", "甲实验小学", "d", ["primary"], "open")
    assert given(A, MERGED).row("schools", "a") == School("a", "甲小学", "d", ["primary"], "merged", "b")
    assert given(A, CLOSED).row("schools", "a").status == "closed"
    other_stages = SchoolDetailsChanged(school="a", stages=["special"], occurred_at=at("2001-01-01"))
    assert given(A, other_stages).row("schools", "a").stages == ["special"]
    assert given(replace(A, school="b"), MERGED).row("schools", "b").status == "open"


def test_students_show_the_entry_of_today() -> None:
    enrolled = Student("p", "a", "d", "primary", 1, "一(1)班", "enrolled", "2020-09-01")
    assert given(ENROLLED).row("students", "p") == enrolled
    assert given(ENROLLED, PROMOTED).row("students", "p") == replace(enrolled, grade=2, class_name=None)
    on_leave = replace(enrolled, status="on-leave", since="2021-02-01", leave_until="2021-12-31")
    assert given(ENROLLED, ON_LEAVE).row("students", "p") == on_leave
    assert given(ENROLLED, ON_LEAVE, BACK).row("students", "p") == replace(enrolled, since="2021-10-01")
    moved = given(ENROLLED, MOVED).row("students", "p")
    assert (moved.school, moved.district, moved.class_name) == ("b", "e", None)


def test_students_keep_how_an_entry_ended() -> None:
    for event, status in ((WITHDRAWN, "withdrawn"), (GRADUATED, "graduated"), (ABROAD, "left")):
        row = given(ENROLLED, event).row("students", "p")
        assert (row.status, row.since) == (status, event.day)


def test_roll_history_has_a_row_for_each_day() -> None:
    same_day = replace(ON_LEAVE, occurred_at=at("2020-09-01", hour=15))
    history = given(ENROLLED, same_day, BACK, PROMOTED, MOVED)
    assert history.row("roll-history", "p", "2020-09-01") == RollHistory(
        "p",
        "2020-09-01",
        [
            Step("enrolled", "a", "d", "primary", 1),
            Step("leave-started", "a", leave_until="2021-12-31"),
        ],
    )
    assert [(row.day, [step.what for step in row.steps]) for row in history.rows("roll-history")] == [
        ("2020-09-01", ["enrolled", "leave-started"]),
        ("2021-03-20", ["transferred"]),
        ("2021-09-01", ["promoted"]),
        ("2021-10-01", ["resumed"]),
    ]
    moved = Step("transferred", "b", "e", "primary", 1, from_school="a")
    assert history.row("roll-history", "p", "2021-03-20").steps == [moved]


def test_roll_history_tells_how_an_entry_ended() -> None:
    history = given(ENROLLED, WITHDRAWN, GRADUATED, ABROAD)
    assert history.row("roll-history", "p", "2021-03-01").steps == [
        Step("withdrawn", "a", "d", None, 1),
        Step("left", "a", "d", None, 1, reason="abroad"),
    ]
    assert history.row("roll-history", "p", "2021-06-30").steps == [Step("graduated", "a", "d", "primary", 1)]


def test_leaves_last_until_the_pupil_is_back_or_gone() -> None:
    assert given(ENROLLED, ON_LEAVE).row("leaves", "p") == Leave("p", "a", "2021-02-01", "2021-12-31")
    for event in (BACK, WITHDRAWN, ABROAD):
        assert given(ENROLLED, ON_LEAVE, event).row("leaves", "p") is None


def test_teachers_have_their_present_posts_and_qualifications() -> None:
    qualification = Qualification("q-1", "primary", "数学", "2010-06-01")
    assert given(QUALIFIED).row("teachers", "t") == Teacher("t", "qualified", [], [qualification])
    post = Post("n-1", "a", "d", "teacher", "数学", "2010-09-01")
    in_post = Teacher("t", "in-post", [post], [qualification], "2010-09-01")
    assert given(QUALIFIED, APPOINTED).row("teachers", "t") == in_post
    second = replace(APPOINTED, appointment="n-2", post="class-teacher")
    moved = given(APPOINTED, second, TEACHER_MOVED).row("teachers", "t")
    assert [(each.appointment, each.school, each.since) for each in moved.posts] == [
        ("n-1", "b", "2015-09-01"),
        ("n-2", "a", "2010-09-01"),
    ]
    left = given(QUALIFIED, APPOINTED, TEACHER_MOVED, TEACHER_LEFT).row("teachers", "t")
    assert left == Teacher("t", "left", [], [qualification], "2020-07-01")


def test_a_teacher_who_leaves_one_of_two_posts_is_in_post() -> None:
    second = replace(APPOINTED, appointment="n-2")
    row = given(APPOINTED, second, TEACHER_MOVED, TEACHER_LEFT).row("teachers", "t")
    assert (row.status, [post.appointment for post in row.posts]) == ("in-post", ["n-2"])


def test_appointments_keep_their_end() -> None:
    appointed = ("2010-09-01", "2010-09-01")
    live = Appointment("n-1", "t", "a", "d", "teacher", "数学", "live", *appointed)
    assert given(APPOINTED).row("appointments", "n-1") == live
    moved = replace(live, school="b", district="e", since="2015-09-01")
    assert given(APPOINTED, TEACHER_MOVED).row("appointments", "n-1") == moved
    ended = replace(moved, status="ended", ended="2020-07-01", reason="retired")
    assert given(APPOINTED, TEACHER_MOVED, TEACHER_LEFT).row("appointments", "n-1") == ended


def test_head_counts_hold_the_changes_of_a_day() -> None:
    other = replace(ENROLLED, person="q")
    history = given(ENROLLED, other, MOVED, replace(PROMOTED, person="q"), replace(WITHDRAWN, person="q"))
    assert history.rows("head-counts") == [
        HeadCount("a", 1, "2020-09-01", "d", 2),
        HeadCount("a", 1, "2021-03-01", "d", -1),
        HeadCount("a", 1, "2021-03-20", "d", -1),
        HeadCount("a", 1, "2021-09-01", "d", -1),
        HeadCount("a", 2, "2021-09-01", "d", 1),
        HeadCount("b", 1, "2021-03-20", "e", 1),
    ]


def test_pupil_teacher_changes_hold_pupils_and_posts() -> None:
    history = given(
        replace(APPOINTED, occurred_at=at("2020-09-01")),
        ENROLLED,
        replace(ENROLLED, person="q"),
        MOVED,
        replace(TEACHER_MOVED, occurred_at=at("2021-03-20")),
        replace(TEACHER_LEFT, occurred_at=at("2022-07-01")),
        replace(GRADUATED, person="q"),
    )
    assert history.rows("pupil-teacher-changes") == [
        PupilTeacherChange("a", "2020-09-01", "d", pupils=2, posts=1),
        PupilTeacherChange("a", "2021-03-20", "d", pupils=-1, posts=-1),
        PupilTeacherChange("a", "2021-06-30", "d", pupils=-1),
        PupilTeacherChange("b", "2021-03-20", "e", pupils=1, posts=1),
        PupilTeacherChange("b", "2022-07-01", "e", posts=-1),
    ]


def test_discrepancies_are_those_left_at_a_school_that_has_ended() -> None:
    open_ = given(A, ENROLLED, APPOINTED)
    assert open_.row("roll-discrepancies", "a") == RollDiscrepancy("a", pupils=1, posts=1)
    stranded = given(A, ENROLLED, APPOINTED, CLOSED).row("roll-discrepancies", "a")
    assert stranded == RollDiscrepancy("a", "closed", "2021-07-01", 1, 1, stranded=True)
    merged = given(A, ENROLLED, MERGED)
    assert merged.row("roll-discrepancies", "a").stranded
    assert merged.row("roll-discrepancies", "b") == RollDiscrepancy("b")
    settled = given(A, ENROLLED, APPOINTED, MERGED, MOVED, TEACHER_MOVED)
    assert settled.row("roll-discrepancies", "a") == RollDiscrepancy("a", "merged", "2021-07-01")
    assert settled.row("roll-discrepancies", "b") == RollDiscrepancy("b", pupils=1, posts=1)


def test_discrepancies_end_when_the_last_has_gone() -> None:
    for event in (WITHDRAWN, GRADUATED, ABROAD):
        assert not given(A, ENROLLED, CLOSED, event).row("roll-discrepancies", "a").stranded
    left = replace(TEACHER_LEFT, school="a", district="d")
    assert not given(A, APPOINTED, CLOSED, left).row("roll-discrepancies", "a").stranded


def test_roll_rules_are_those_published_last_for_a_day() -> None:
    stages = [StageTerms("primary", 1, 5, compulsory=True)]
    first = RollRulesPublished(
        since="2000-01-01",
        stages=stages,
        consent_working_days=10,
        leave_days=365,
        holidays=["2000-10-01"],
        occurred_at=at("1999-12-01"),
    )
    again = replace(first, leave_days=730)
    row = given(first, again).row("roll-rules", "roll", "2000-01-01")
    assert row == RollRules("roll", "2000-01-01", stages, 10, 730, ["2000-10-01"])
