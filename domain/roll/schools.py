"""Schools: registered once, changed while open, closed or merged into another."""

from __future__ import annotations

from msgspec import Struct, field

from domain.number import new_number
from domain.rule import Rule, of, refuse_if, too_early_if
from events.fold import Fold
from events.roll.schools import SchoolClosed, SchoolDetailsChanged, SchoolRegistered, SchoolsMerged
from events.roll.vocabulary import Stage


class School(Struct):
    """What rules need to know of a school."""

    school: str
    district: str = ""
    stages: list[Stage] = field(default_factory=list)
    into: str = ""
    closed: bool = False


def school(
    state: School, event: SchoolRegistered | SchoolDetailsChanged | SchoolsMerged | SchoolClosed
) -> None:
    """Follow a school from registration to its end."""
    match event:
        case SchoolRegistered():
            state.district, state.stages = event.district, event.stages
        case SchoolDetailsChanged():
            state.stages = state.stages if event.stages is None else event.stages
        case SchoolsMerged() if event.school == state.school:
            state.into = event.into
        case SchoolClosed():
            state.closed = True


SCHOOL = Fold("school", School, school)


def school_exists(school: School, proposed: SchoolDetailsChanged | SchoolsMerged | SchoolClosed) -> None:
    """Only a registered, open school can change, merge or close."""
    taking_people(school)


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
)
