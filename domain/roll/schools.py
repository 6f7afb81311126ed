"""Schools: registered once, changed while open, closed or merged into another."""

from __future__ import annotations

from msgspec import Struct, field

from domain.number import new_number
from domain.rule import Rule, of, refuse_if, too_early_if
from events.fold import Fold
from events.roll.pupils import StudentEnrolled, StudentGraduated, StudentLeft, StudentWithdrawn
from events.roll.schools import SchoolClosed, SchoolDetailsChanged, SchoolRegistered, SchoolsMerged
from events.roll.teachers import TeacherAppointed, TeacherLeft, TeacherTransferred
from events.roll.transfers import StudentTransferred
from events.roll.vocabulary import Stage

Coming = StudentEnrolled | TeacherAppointed
Moving = StudentTransferred | TeacherTransferred
Going = StudentWithdrawn | StudentGraduated | StudentLeft | TeacherLeft


class School(Struct):
    """What rules need to know of a school."""

    school: str
    district: str = ""
    stages: list[Stage] = field(default_factory=list)
    into: str = ""
    closed: bool = False
    absorbed: set[str] = field(default_factory=set)


def school(
    state: School, event: SchoolRegistered | SchoolDetailsChanged | SchoolsMerged | SchoolClosed
) -> None:
    """Follow a school from registration to its end."""
    match event:
        case SchoolRegistered():
            state.district, state.stages = event.district, event.stages
        case SchoolDetailsChanged():
            state.stages = state.stages if event.stages is None else event.stages
        case SchoolsMerged() if event.into == state.school:
            state.absorbed.update((event.school, *event.also))
        case SchoolsMerged():
            state.into = event.into
        case SchoolClosed():
            state.closed = True


SCHOOL = Fold("school", School, school)


def school_exists(school: School, proposed: SchoolDetailsChanged | SchoolsMerged | SchoolClosed) -> None:
    """Only a registered, open school can change, merge or close."""
    taking_people(school)


class Members(Struct):
    """The numbers of pupils and of posts at a school."""

    school: str
    pupils: int = 0
    posts: int = 0


def members(state: Members, event: Coming | Moving | Going) -> None:
    """Count pupils and posts as they come and go."""
    match event:
        case StudentEnrolled():
            state.pupils += 1
        case TeacherAppointed():
            state.posts += 1
        case StudentTransferred():
            state.pupils += (event.to_school == state.school) - (event.from_school == state.school)
        case TeacherTransferred():
            state.posts += (event.to_school == state.school) - (event.from_school == state.school)
        case StudentWithdrawn() | StudentGraduated() | StudentLeft():
            state.pupils -= 1
        case TeacherLeft():
            state.posts -= 1


MEMBERS = Fold("school", Members, members)


def nobody_left_behind(members: Members, proposed: SchoolClosed) -> None:
    """A school closes once its pupils and teachers have left; a school that goes on elsewhere merges instead."""
    refuse_if(
        members.pupils > 0 or members.posts > 0,
        "pupils-left",
        f"{members.pupils} pupils and {members.posts} posts are left at {members.school}: transfer or end them first",
    )


def absorbed_before(school: School, proposed: SchoolsMerged) -> None:
    """A merger names exactly the schools that had been merged into this one before, so that their pupils can follow."""
    refuse_if(
        sorted(proposed.also) != sorted(school.absorbed),
        "also-differs",
        f"merged into {school.school} before: {', '.join(sorted(school.absorbed)) or 'none'}",
    )


def stages_go_on(school: School, into: School, proposed: SchoolsMerged) -> None:
    """The surviving school teaches every stage that the other one taught."""
    missing = sorted(set(school.stages) - set(into.stages))
    refuse_if(missing, "stage-not-taught", f"{into.school} does not teach {', '.join(missing)}")


def survivor_exists(into: School, proposed: SchoolsMerged) -> None:
    """A school merges into another school that is open."""
    refuse_if(proposed.school == proposed.into, "merged-into-itself", "a school cannot merge into itself")
    taking_people(into)


def taking_people(school: School) -> None:
    """Refuse if the school is not registered, has closed or has merged (关闭学校不得招生)."""
    too_early_if(not school.district, "unknown-school", f"no school {school.school} is registered")
    refuse_if(school.closed, "school-closed", f"{school.school} has closed")
    refuse_if(school.into, "school-merged", f"{school.school} has merged into {school.into}")


def in_its_district(school: School, district: str) -> None:
    """Refuse unless the district is the school's own."""
    refuse_if(
        district != school.district,
        "other-district",
        f"{school.school} belongs to district {school.district}, not {district}",
    )


RULES = (
    new_number(
        "school",
        SchoolRegistered,
        "school-registered",
        name="new_school",
        sentence="A school is registered once.",
    ),
    Rule(school_exists, SCHOOL),
    Rule(survivor_exists, of(SCHOOL, "into")),
    Rule(absorbed_before, SCHOOL),
    Rule(stages_go_on, SCHOOL, of(SCHOOL, "into")),
    Rule(nobody_left_behind, MEMBERS),
)
