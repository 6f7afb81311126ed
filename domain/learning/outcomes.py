"""Learning outcomes: deposited, submitted, recognised or declined (学习成果认证)."""

from __future__ import annotations

from msgspec import Struct, field

from domain.learning.courses import ENROLMENTS, OFFERING, Enrolments, Offering
from domain.learning.published import Standard, standard_on
from domain.number import new_number
from domain.rule import Rule, data, look_up, of, refuse_if, too_early_if
from events.fold import Fold
from events.learning.credit import CreditsAwarded, CreditsRevoked
from events.learning.outcomes import OutcomeDeclined, OutcomeDeposited, OutcomeRecognised, OutcomeSubmitted
from events.learning.published import STANDARD
from events.learning.vocabulary import Category, OutcomeKind, Result


class Outcome(Struct):
    """An outcome in a person's archive, the institution and standard to recognise it, and the day on which that did."""

    category: Category
    hours: int
    result: Result
    course: str | None
    institution: str = ""
    standard: str = ""
    recognised: str = ""
    awarded: bool = False
    kind: OutcomeKind = "course"


class Outcomes(Struct):
    """A person's outcomes, the completions they come from, and the courses that have been recognised."""

    person: str
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    offerings: set[str] = field(default_factory=set)
    courses: dict[str, str] = field(default_factory=dict)
    awards: dict[str, str] = field(default_factory=dict)

    def get(self, outcome: str) -> Outcome:
        """Return an outcome of the person. Raises TooEarly if there is none with this number."""
        sentence = f"{self.person} has not deposited the outcome {outcome}"
        return look_up(self.outcomes, outcome, "unknown-outcome", sentence)


def outcomes(
    state: Outcomes,
    event: OutcomeDeposited
    | OutcomeSubmitted
    | OutcomeRecognised
    | OutcomeDeclined
    | CreditsAwarded
    | CreditsRevoked,
) -> None:
    """Follow a person's outcomes; credits revoked for fraud free the course, those revoked as mistaken the outcome."""
    match event:
        case OutcomeDeposited():
            state.outcomes[event.outcome] = Outcome(
                event.category, event.hours, event.result, event.course, kind=event.kind
            )
            if event.offering:
                state.offerings.add(event.offering)
        case CreditsRevoked():
            _revoked(state, event)
        case _ if found := state.outcomes.get(event.outcome):
            _decided(state, found, event)


def _revoked(state: Outcomes, event: CreditsRevoked) -> None:
    number = state.awards.pop(event.award, "")
    if event.ground == "fraud":
        state.courses = {course: each for course, each in state.courses.items() if each != number}
    elif outcome := state.outcomes.get(number):
        outcome.awarded = False


def _decided(
    state: Outcomes,
    found: Outcome,
    event: OutcomeSubmitted | OutcomeRecognised | OutcomeDeclined | CreditsAwarded,
) -> None:
    match event:
        case OutcomeSubmitted():
            found.institution, found.standard = event.institution, event.standard
        case OutcomeDeclined():
            found.institution = found.standard = ""
        case OutcomeRecognised():
            found.institution, found.standard = event.institution, event.standard
            found.recognised = event.day
            if found.course:
                state.courses[found.course] = event.outcome
        case CreditsAwarded():
            found.awarded = True
            state.awards[event.award] = event.outcome


OUTCOMES = Fold("person", Outcomes, outcomes, steps=True)


def deposited_as_completed(
    outcomes: Outcomes, enrolments: Enrolments, offering: Offering, proposed: OutcomeDeposited
) -> None:
    """Only a passed result is an outcome; for a course, it matches the completion and is deposited once."""
    refuse_if(proposed.result == "fail", "not-passed", "a failed result is not a learning outcome")
    of_course = proposed.offering is not None and proposed.course is not None
    other = proposed.offering is None and proposed.course is None
    refuse_if(
        not (of_course if proposed.kind == "course" else other),
        "course-untold",
        "a course's outcome names its course and offering, and no other outcome does",
    )
    if proposed.offering is None:
        return
    too_early_if(
        proposed.offering not in enrolments.results,
        "unknown-completion",
        f"{proposed.person} has not completed {proposed.offering}",
    )
    refuse_if(
        proposed.offering in outcomes.offerings,
        "completion-deposited",
        f"the completion of {proposed.offering} has already been deposited",
    )
    refuse_if(
        (proposed.result, proposed.course, proposed.category, proposed.hours)
        != (enrolments.results[proposed.offering], offering.course, offering.category, offering.hours),
        "other-than-completed",
        "result, course, category or hours differ from the completed offering",
    )


def submitted_by_standard(outcomes: Outcomes, standard: Standard, proposed: OutcomeSubmitted) -> None:
    """An outcome awaits one decision at a time, and is not submitted again once it is recognised."""
    outcome = outcomes.get(proposed.outcome)
    refuse_if(outcome.recognised, "recognised-already", "the outcome has already been recognised")
    refuse_if(
        outcome.institution, "submitted-already", f"the outcome awaits a decision of {outcome.institution}"
    )
    in_its_category(standard, outcome, proposed.day)


def in_its_category(standard: Standard, outcome: Outcome, day: str) -> None:
    """Refuse a standard that is not in force, or is for another category."""
    category = standard_on(standard, day).category
    refuse_if(
        category != outcome.category,
        "other-category",
        f"the standard is for {category}, not {outcome.category}",
    )


def recognised_once(outcomes: Outcomes, standard: Standard, proposed: OutcomeRecognised) -> None:
    """An outcome or a course is recognised once, as submitted, by a standard in force that day."""
    outcome = outcomes.get(proposed.outcome)
    waiting_for(outcome, proposed.institution)
    refuse_if(
        outcome.standard != proposed.standard,
        "other-standard",
        f"the outcome was submitted for {outcome.standard}",
    )
    in_its_category(standard, outcome, proposed.day)
    refuse_if(
        outcome.course in outcomes.courses,
        "course-recognised",
        f"the course {outcome.course} has already been recognised, for another outcome",
    )


def waiting_for(outcome: Outcome, institution: str) -> None:
    """Refuse unless the outcome awaits a decision of this institution."""
    refuse_if(outcome.recognised, "recognised-already", "the outcome has already been recognised")
    too_early_if(not outcome.institution, "unknown-submission", "the outcome awaits no decision")
    refuse_if(
        outcome.institution != institution,
        "other-institution",
        f"the outcome awaits a decision of {outcome.institution}",
    )


def declined_by_receiver(outcomes: Outcomes, proposed: OutcomeDeclined) -> None:
    """Only the institution to which an outcome was submitted declines it."""
    waiting_for(outcomes.get(proposed.outcome), proposed.institution)


RULES = (
    new_number(
        "outcome",
        OutcomeDeposited,
        "outcome-deposited",
        name="new_outcome",
        sentence="An outcome number is assigned only once.",
    ),
    Rule(deposited_as_completed, OUTCOMES, ENROLMENTS, of(OFFERING, "offering")),
    Rule(submitted_by_standard, OUTCOMES, data(of(STANDARD, "standard"))),
    Rule(recognised_once, OUTCOMES, data(of(STANDARD, "standard"))),
    Rule(declined_by_receiver, OUTCOMES),
)
