"""The stage table and the limits of the roll, published as dated data."""

from __future__ import annotations

from msgspec import Struct, field

from domain.dated import in_force
from domain.rule import Refused, data, refuse_if
from events.fold import Fold
from events.roll.published import RollRulesPublished, StageTerms
from events.roll.vocabulary import Stage


class Regulation(Struct):
    """The versions of the roll's published rules."""

    name: str
    versions: list[RollRulesPublished] = field(default_factory=list)

    def terms(self, day: str) -> RollRulesPublished:
        """Return what is in force on a day. Raises Refused where nothing is."""
        found = in_force(self.versions, day)
        if found is None:
            raise Refused("no-roll-rules", f"no rules of the roll are in force on {day}")
        return found

    def stage(self, stage: Stage, day: str) -> StageTerms:
        """Return the terms of a stage on a day. Raises Refused where the table has no such stage."""
        for each in self.terms(day).stages:
            if each.stage == stage:
                return each
        raise Refused("no-such-stage", f"the stage table in force on {day} has no {stage}")


def regulation(state: Regulation, event: RollRulesPublished) -> None:
    """Keep every version; which one counts is a question of the day."""
    state.versions.append(event)


REGULATION = Fold("rules", Regulation, regulation)
ROLL_RULES = data(REGULATION, "roll")


def grade_of_stage(terms: StageTerms, grade: int) -> None:
    """Refuse a grade that the stage table does not give to the stage."""
    refuse_if(
        not terms.first_grade <= grade <= terms.last_grade,
        "grade-outside-stage",
        f"{terms.stage} has the grades {terms.first_grade} to {terms.last_grade}, not {grade}",
    )
