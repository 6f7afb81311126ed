"""The teacher database (教师库): current posts and qualifications, and every appointment."""

from __future__ import annotations

from msgspec import Struct, field

from events.roll.teachers import QualificationAwarded, TeacherAppointed, TeacherLeft, TeacherTransferred
from projections.life_cycle import LifeCycle, Step
from projections.read_model import ReadModel


class Post(Struct):
    """A post currently held; `since` is the day on which it came to its present school."""

    appointment: str
    school: str
    district: str
    post: str
    subject: str | None
    since: str


class Qualification(Struct):
    """A teaching qualification (教师资格)."""

    qualification: str
    stage: str
    subject: str
    awarded: str


class Teacher(Struct):
    """A teacher in the teacher database (教师库): current posts and qualifications."""

    person: str
    status: str = "qualified"
    posts: list[Post] = field(default_factory=list)
    qualifications: list[Qualification] = field(default_factory=list)
    since: str | None = None


def teacher(
    row: Teacher, event: TeacherAppointed | TeacherTransferred | TeacherLeft | QualificationAwarded
) -> None:
    """Follow a person's posts and qualifications; `since` is the day of the last change of posts."""
    match event:
        case QualificationAwarded():
            row.qualifications.append(
                Qualification(event.qualification, event.stage, event.subject, event.awarded)
            )
            return
        case TeacherAppointed():
            row.posts.append(
                Post(event.appointment, event.school, event.district, event.post, event.subject, event.day)
            )
        case TeacherTransferred():
            for post in row.posts:
                if post.appointment == event.appointment:
                    post.school, post.district, post.since = event.to_school, event.to_district, event.day
        case TeacherLeft():
            row.posts = [post for post in row.posts if post.appointment != event.appointment]
    row.status = "in-post" if row.posts else "left"
    row.since = event.day


class Appointment(Struct):
    """An appointment (教师聘任) from start to end; `since` is the day on which it came to its present school."""

    appointment: str
    person: str = ""
    school: str = ""
    district: str = ""
    post: str = ""
    subject: str | None = None
    status: str = "unknown"
    appointed: str = ""
    since: str = ""
    ended: str | None = None
    reason: str | None = None


STEPS = LifeCycle(
    Appointment, {TeacherAppointed: Step("live", day="appointed"), TeacherLeft: Step("ended", day="ended")}
)


def appointment(row: Appointment, event: TeacherAppointed | TeacherTransferred | TeacherLeft) -> None:
    """Follow an appointment from school to school, until it ends."""
    STEPS.follow(row, event)
    match event:
        case TeacherAppointed():
            row.person, row.school, row.district = event.person, event.school, event.district
            row.post, row.subject, row.since = event.post, event.subject, event.day
        case TeacherTransferred():
            row.school, row.district, row.since = event.to_school, event.to_district, event.day
        case TeacherLeft():
            row.reason = event.reason


READ_MODELS = (
    ReadModel("teachers", "person", Teacher, teacher, filter=("status",), sort=("since",)),
    ReadModel(
        "appointments",
        "appointment",
        Appointment,
        appointment,
        filter=("person", "school", "district", "post", "status"),
        sort=("appointed", "since", "ended"),
    ),
)
