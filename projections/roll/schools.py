"""The school database (学校库), and pupils and posts that remain at schools that have closed or merged."""

from __future__ import annotations

from msgspec import Struct, field

from events.roll.pupils import StudentEnrolled, StudentGraduated, StudentLeft, StudentWithdrawn
from events.roll.schools import SchoolClosed, SchoolDetailsChanged, SchoolRegistered, SchoolsMerged
from events.roll.teachers import TeacherAppointed, TeacherLeft, TeacherTransferred
from events.roll.transfers import StudentTransferred
from events.roll.vocabulary import Stage
from projections.read_model import ReadModel


class School(Struct):
    """A school in the school database (学校库)."""

    school: str
    name: str = ""
    district: str = ""
    stages: list[Stage] = field(default_factory=list)
    status: str = "unknown"
    merged_into: str | None = None


def school(
    row: School, event: SchoolRegistered | SchoolDetailsChanged | SchoolsMerged | SchoolClosed
) -> None:
    """Follow a school from registration to closure or merger."""
    match event:
        case SchoolRegistered():
            row.name, row.district, row.stages = event.name, event.district, event.stages
            row.status = "open"
        case SchoolDetailsChanged():
            row.name = row.name if event.name is None else event.name
            row.stages = row.stages if event.stages is None else event.stages
        case SchoolsMerged() if event.into != row.school:
            row.status, row.merged_into = "merged", event.into
        case SchoolClosed():
            row.status = "closed"


class RollDiscrepancy(Struct):
    """A school's pupils and posts; `stranded` if any remain after the school has closed or merged (人籍分离)."""

    school: str
    status: str = "open"
    since: str | None = None
    pupils: int = 0
    posts: int = 0
    stranded: bool = False


def roll_discrepancy(
    row: RollDiscrepancy,
    event: SchoolsMerged
    | SchoolClosed
    | StudentEnrolled
    | StudentTransferred
    | StudentWithdrawn
    | StudentGraduated
    | StudentLeft
    | TeacherAppointed
    | TeacherTransferred
    | TeacherLeft,
) -> None:
    """Count pupils and posts, and flag a closed or merged school that still has any."""
    match event:
        case SchoolsMerged() if event.school == row.school:
            row.status, row.since = "merged", event.day
        case SchoolClosed():
            row.status, row.since = "closed", event.day
        case StudentEnrolled():
            row.pupils += 1
        case StudentTransferred():
            row.pupils += (event.to_school == row.school) - (event.from_school == row.school)
        case StudentWithdrawn() | StudentGraduated() | StudentLeft():
            row.pupils -= 1
        case TeacherAppointed():
            row.posts += 1
        case TeacherTransferred():
            row.posts += (event.to_school == row.school) - (event.from_school == row.school)
        case TeacherLeft():
            row.posts -= 1
    row.stranded = row.status != "open" and (row.pupils > 0 or row.posts > 0)


READ_MODELS = (
    ReadModel("schools", "school", School, school, filter=("district", "status"), sort=("name",)),
    ReadModel(
        "roll-discrepancies",
        "school",
        RollDiscrepancy,
        roll_discrepancy,
        anytime=(
            StudentEnrolled,
            StudentTransferred,
            StudentWithdrawn,
            StudentGraduated,
            StudentLeft,
            TeacherAppointed,
            TeacherTransferred,
            TeacherLeft,
        ),
        filter=("stranded", "status"),
        sort=("pupils", "posts"),
    ),
)
