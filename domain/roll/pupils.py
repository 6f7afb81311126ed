"""A pupil's life on a roll (学籍): enrolment, promotion, leave and the end of the entry."""

from __future__ import annotations

from msgspec import Struct, field

from domain.number import new_number
from domain.roll.published import RollRules, begun_on, grade_of_stage, rules_on, school_year, stage_on
from domain.roll.schools import SCHOOL, School, in_its_district, taking_people
from domain.rule import Rule, refuse_if
from events.clock import days_between
from events.fold import Fold
from events.roll.entry import Entry, Step, follow
from events.roll.published import ROLL_RULES
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
from events.roll.vocabulary import Stage


class Place(Struct):
    """A pupil's place on a roll, if any: where the live entry is, the last begun if merged numbers have several."""

    person: str
    entries: list[Entry] = field(default_factory=list)

    @property
    def entry(self) -> Entry:
        """The live entry; a blank one if there is none."""
        return self.entries[-1] if self.entries else Entry()

    @property
    def school(self) -> str:
        """The school whose roll the pupil is on; empty if there is no live entry."""
        return self.entry.school


def place(state: Place, event: StudentEnrolled | Step) -> None:
    """Follow a pupil's roll entry."""
    follow(state.entries, event)


PLACE = Fold("person", Place, place, steps=True)


def on_the_roll_of(
    place: Place,
    school: str,
    district: str | None = None,
    grade: int | None = None,
    stage: Stage | None = None,
) -> None:
    """Refuse unless the pupil's live entry is the one that the event names."""
    refuse_if(not place.school, "not-on-a-roll", f"the pupil {place.person} is not on a roll")
    refuse_if(
        place.school != school,
        "on-another-roll",
        f"the pupil is on the roll of {place.school}, not of {school}",
    )
    refuse_if(
        district not in (None, place.entry.district),
        "other-district",
        f"the entry is in district {place.entry.district}",
    )
    refuse_if(stage not in (None, place.entry.stage), "other-stage", f"the entry is in {place.entry.stage}")
    refuse_if(
        grade not in (None, place.entry.grade), "other-grade", f"the pupil is in grade {place.entry.grade}"
    )


def not_on_leave(place: Place) -> None:
    """Refuse while the pupil is on leave (休学)."""
    refuse_if(place.entry.leave_until, "on-leave", f"the pupil is on leave until {place.entry.leave_until}")


def one_live_entry(place: Place, proposed: StudentEnrolled) -> None:
    """A pupil has at most one live roll entry, whatever the stage (一人一籍; plan, 二(2))."""
    refuse_if(place.school, "already-on-a-roll", f"the pupil is on the roll of {place.school}")


def enrolled_where_taught(school: School, rules: RollRules, proposed: StudentEnrolled) -> None:
    """A school enrols pupils only into stages that it teaches, and into grades that the stage table assigns to them."""
    taking_people(school)
    in_its_district(school, proposed.district)
    refuse_if(
        proposed.stage not in school.stages,
        "stage-not-taught",
        f"{proposed.school} does not teach {proposed.stage}",
    )
    grade_of_stage(stage_on(rules, proposed.stage, proposed.day), proposed.grade)


def promoted_within_stage(place: Place, rules: RollRules, proposed: StudentPromoted) -> None:
    """A pupil is promoted by one grade, within the stage, and not while on leave."""
    on_the_roll_of(place, proposed.school, proposed.district, proposed.from_grade, proposed.stage)
    not_on_leave(place)
    refuse_if(
        proposed.to_grade != proposed.from_grade + 1, "not-one-grade", "a pupil is promoted by one grade"
    )
    grade_of_stage(stage_on(rules, place.entry.stage, proposed.day), proposed.to_grade)


def accelerated_within_stage(place: Place, rules: RollRules, proposed: StudentAccelerated) -> None:
    """A pupil who is accelerated skips at least one grade, within the stage, and not while on leave (跳级)."""
    on_the_roll_of(place, proposed.school, proposed.district, proposed.from_grade, proposed.stage)
    not_on_leave(place)
    refuse_if(
        proposed.to_grade < proposed.from_grade + 2, "no-grade-skipped", "an acceleration skips a grade"
    )
    grade_of_stage(stage_on(rules, place.entry.stage, proposed.day), proposed.to_grade)


def retained_in_their_grade(place: Place, proposed: StudentRetained) -> None:
    """A pupil repeats the grade in which they are (留级)."""
    on_the_roll_of(place, proposed.school, proposed.district, proposed.grade, proposed.stage)


def one_step_a_year(
    place: Place, rules: RollRules, proposed: StudentPromoted | StudentRetained | StudentAccelerated
) -> None:
    """A pupil is promoted, retained or accelerated once in a school year."""
    terms, moved = begun_on(rules, proposed.day), place.entry.moved
    refuse_if(
        terms and moved and school_year(terms, moved) == school_year(terms, proposed.day),
        "moved-this-year",
        f"the pupil was promoted, retained or accelerated on {moved}, in the same school year",
    )


def leave_from_the_roll(place: Place, rules: RollRules, proposed: StudentLeaveStarted) -> None:
    """A pupil takes leave from the roll they are on, for no longer than the published limit."""
    on_the_roll_of(place, proposed.school)
    not_on_leave(place)
    length = days_between(proposed.day, proposed.until)
    longest = rules_on(rules, proposed.day).leave_days
    refuse_if(not 0 < length <= longest, "leave-too-long", f"leave lasts between 1 and {longest} days")


def resumed_from_leave(place: Place, proposed: StudentResumed) -> None:
    """Only a pupil on leave can resume."""
    on_the_roll_of(place, proposed.school)
    refuse_if(not place.entry.leave_until, "not-on-leave", "the pupil is not on leave")


def no_withdrawal_in_compulsory_grades(place: Place, rules: RollRules, proposed: StudentWithdrawn) -> None:
    """Nobody withdraws from compulsory education (义务教育法); a pupil who drops out keeps the entry."""
    on_the_roll_of(place, proposed.school, proposed.district, proposed.grade, proposed.stage)
    terms = stage_on(rules, place.entry.stage, proposed.day)
    refuse_if(
        terms.compulsory, "compulsory", f"{place.entry.stage} is compulsory, so the pupil cannot withdraw"
    )


def graduated_from_last_grade(place: Place, rules: RollRules, proposed: StudentGraduated) -> None:
    """A pupil graduates from the last grade of the stage, and not while on leave."""
    on_the_roll_of(place, proposed.school, proposed.district, proposed.grade, proposed.stage)
    not_on_leave(place)
    last = stage_on(rules, place.entry.stage, proposed.day).last_grade
    refuse_if(proposed.grade != last, "not-last-grade", f"{place.entry.stage} ends with grade {last}")


def left_their_roll(place: Place, rules: RollRules, proposed: StudentLeft) -> None:
    """A pupil leaves the roll they are on, never a compulsory stage with studies incomplete (义务教育法).

    Only the last grade of a stage is completed without a diploma (结业).
    """
    on_the_roll_of(place, proposed.school, proposed.district, proposed.grade, proposed.stage)
    if proposed.reason == "incomplete-studies":
        terms = stage_on(rules, proposed.stage, proposed.day)
        refuse_if(terms.compulsory, "compulsory", f"{proposed.stage} is compulsory: studies are completed")
    elif proposed.reason == "completed-without-diploma":
        last = stage_on(rules, proposed.stage, proposed.day).last_grade
        refuse_if(proposed.grade != last, "not-last-grade", f"{proposed.stage} ends with grade {last}")


RULES = (
    Rule(one_live_entry, PLACE),
    Rule(enrolled_where_taught, SCHOOL, ROLL_RULES),
    Rule(promoted_within_stage, PLACE, ROLL_RULES),
    Rule(leave_from_the_roll, PLACE, ROLL_RULES),
    Rule(resumed_from_leave, PLACE),
    Rule(no_withdrawal_in_compulsory_grades, PLACE, ROLL_RULES),
    Rule(graduated_from_last_grade, PLACE, ROLL_RULES),
    Rule(left_their_roll, PLACE, ROLL_RULES),
    Rule(accelerated_within_stage, PLACE, ROLL_RULES),
    Rule(retained_in_their_grade, PLACE),
    Rule(one_step_a_year, PLACE, ROLL_RULES),
    new_number(
        "diploma",
        StudentGraduated,
        "diploma-known",
        name="diploma_once",
        sentence="The number of a diploma (毕业证书) is assigned only once.",
    ),
)
