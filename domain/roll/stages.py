"""The order of stages in a life: none is entered too young, and none that has been completed, or lies before one."""

from __future__ import annotations

from msgspec import Struct, field

from domain.roll.published import RollRules, begun_on
from domain.rule import Rule, ever, refuse_if
from events.fold import Fold
from events.identity.persons import PersonDetailsCorrected, PersonRegistered
from events.roll.published import ROLL_RULES
from events.roll.pupils import StudentEnrolled, StudentGraduated
from events.roll.vocabulary import Stage

LINE: dict[Stage, int] = {
    "kindergarten": 0,
    "primary": 1,
    "lower-secondary": 2,
    "upper-secondary": 3,
    "vocational": 3,
    "higher": 4,
}
"""The place of each stage in the line of schooling (教育法, art. 17); special education stands beside it."""


class Completed(Struct):
    """The stages that a person has completed, and the year of birth that is known of the number."""

    person: str
    stages: set[Stage] = field(default_factory=set)
    birth_year: int | None = None


def completed(state: Completed, event: StudentGraduated | PersonRegistered | PersonDetailsCorrected) -> None:
    """Follow graduations; the year of a number merged into this one does not count."""
    if isinstance(event, StudentGraduated):
        state.stages.add(event.stage)
    elif event.person == state.person:
        state.birth_year = event.birth_year or state.birth_year


COMPLETED = Fold("person", Completed, completed)


def stage_follows(completed: Completed, rules: RollRules, proposed: StudentEnrolled) -> None:
    """Nobody enrols into a stage that they have graduated from, or into one before it."""
    stage = proposed.stage
    done = [each for each in completed.stages if each == stage or _before(stage, each)]
    refuse_if(
        done and begun_on(rules, proposed.day),
        "stage-completed",
        f"{proposed.person} has graduated from {', '.join(sorted(done))}",
    )


def _before(stage: Stage, other: Stage) -> bool:
    return stage in LINE and other in LINE and LINE[stage] < LINE[other]


def old_enough(completed: Completed, rules: RollRules, proposed: StudentEnrolled) -> None:
    """A pupil enrols in a year in which they can have reached the published age of the stage."""
    terms, born = rules.on(proposed.day), completed.birth_year
    if terms is None or born is None:
        return
    for each in terms.entry_age:
        refuse_if(
            each.stage == proposed.stage and int(proposed.day[:4]) - born < each.age,
            "too-young",
            f"{proposed.person} was born in {born}; {each.stage} begins at the age of {each.age}",
        )


RULES = (Rule(stage_follows, COMPLETED, ROLL_RULES), Rule(old_enough, ever(COMPLETED), ROLL_RULES))
