"""The approval procedure: filing, confirmation that nothing is classified, public notice, objections, approval."""

from __future__ import annotations

from msgspec import Struct, field

from domain.number import new_number
from domain.projects.project import PROJECT, WORKS, Project, Works, covers_contracts, standing
from domain.projects.published import ProjectRules, rules_on
from domain.rule import Rule, refuse_if, too_early_if
from events.calendar import CALENDAR, Calendar, plus_working_days
from events.fold import Fold
from events.projects.approval import (
    NonClassificationConfirmed,
    ObjectionAnswered,
    ObjectionRaised,
    ProjectApproved,
    ProjectFiled,
    ProjectPosted,
    ProjectResubmitted,
    ProjectReturned,
    ProjectReviewed,
)
from events.projects.published import PROJECT_RULES

SHOWN = 10
"""How many projects a refusal names at most."""


class Objection(Struct):
    """An objection to a project, and whether it has been answered."""

    objection: str
    project: str = ""
    answered: bool = False


def objection(state: Objection, event: ObjectionRaised | ObjectionAnswered) -> None:
    """Follow an objection to its answer."""
    match event:
        case ObjectionRaised():
            state.project = event.project
        case ObjectionAnswered():
            state.answered = True


OBJECTION = Fold("objection", Objection, objection, steps=True)


class Objections(Struct):
    """The open objections to a project, and whether one was upheld since the project was last posted."""

    project: str
    open: set[str] = field(default_factory=set)
    upheld: bool = False


def objections(state: Objections, event: ProjectPosted | ObjectionRaised | ObjectionAnswered) -> None:
    """Keep the objections without an answer."""
    match event:
        case ProjectPosted():
            state.upheld = False
        case ObjectionRaised():
            state.open.add(event.objection)
        case ObjectionAnswered():
            state.open.discard(event.objection)
            state.upheld = state.upheld or event.upheld


OBJECTIONS = Fold("project", Objections, objections, steps=True)


def never_classified(proposed: ProjectFiled) -> None:
    """A classified project (涉密项目) is never filed: the unit declares that its project is not one (plan, 三(1))."""
    refuse_if(
        not proposed.declared_unclassified, "classified", "a project that may be classified cannot be filed"
    )


def year_of_operation(proposed: ProjectFiled) -> None:
    """Operation is filed for one year at a time; no other project names a year."""
    yearly = proposed.kind == "operate"
    refuse_if(yearly and proposed.year is None, "year-missing", "a filing for operation must name its year")
    refuse_if(
        not yearly and proposed.year is not None,
        "year-without-operation",
        "only a filing for operation names a year",
    )


def planned_ahead(proposed: ProjectFiled) -> None:
    """A project is filed before it is to be completed, and operation before its year is over."""
    refuse_if(
        proposed.completion < proposed.day,
        "completion-past",
        f"the project would be completed on {proposed.completion}, before it was filed",
    )
    refuse_if(
        proposed.year is not None and proposed.year < int(proposed.day[:4]),
        "year-over",
        f"the year {proposed.year} was over when its operation was filed",
    )


class Field(Struct):
    """The projects of a field that have been posted, each with its unit."""

    name: str
    posted: dict[str, str] = field(default_factory=dict)


def field_(state: Field, event: ProjectPosted) -> None:
    """Remember a project that has been posted."""
    state.posted[event.project] = event.unit


FIELD = Fold("project-field", Field, field_)


def compared_with_its_like(field: Field, rules: ProjectRules, proposed: ProjectFiled) -> None:
    """From the published budget on, a project names a posted project of its field that is another unit's, if there is one."""
    terms = rules.on(proposed.day)
    if terms is None or terms.compare_from is None or proposed.budget < terms.compare_from:
        return
    others = sorted(each for each, unit in field.posted.items() if unit != proposed.unit)
    refuse_if(
        others and not set(others).intersection(proposed.compared),
        "not-compared",
        f"projects of other units in the field {field.name}: {', '.join(others[:SHOWN])}",
    )


def confirmed_by_another(project: Project, proposed: NonClassificationConfirmed) -> None:
    """Once a project is filed, a unit other than its own confirms that it is not classified."""
    standing(project, "not-filed", "filed")
    refuse_if(proposed.by == project.unit, "own-confirmation", "a unit cannot confirm its own declaration")


def reviewed_in_its_time(project: Project, works: Works, proposed: ProjectReviewed) -> None:
    """A proposal is reviewed before approval; a result is reviewed before acceptance, once the trial run has begun."""
    if proposed.subject == "proposal":
        standing(project, "not-confirmed", "confirmed", "posted")
        return
    standing(project, "not-approved", "approved")
    refuse_if(
        project.kind != "operate" and not works.trial_since,
        "no-trial-run",
        f"the trial run of {proposed.project} has not begun",
    )


def posted_as_filed(
    project: Project, rules: ProjectRules, calendar: Calendar, proposed: ProjectPosted
) -> None:
    """A confirmed project is posted (公示) exactly as filed, for at least the published number of working days."""
    standing(project, "not-confirmed", "confirmed")
    filed = (project.unit, project.system, project.name, project.kind, project.year, project.field)
    named = (
        proposed.unit,
        proposed.system,
        proposed.name,
        proposed.kind,
        proposed.year,
        proposed.field,
    )
    plan = (project.techniques, project.content, project.requested, project.completion)
    posted = (set(proposed.techniques), proposed.content, proposed.budget, proposed.completion)
    refuse_if(
        (filed, plan) != (named, posted), "not-as-filed", "the notice differs from the project as filed"
    )
    least = plus_working_days(calendar, proposed.day, rules_on(rules, proposed.day).notice_working_days)
    refuse_if(proposed.until < least, "notice-too-short", f"the notice must last until {least} at least")


def raised_during_notice(project: Project, proposed: ObjectionRaised) -> None:
    """An objection is raised while the project is posted, by one person or one unit."""
    standing(project, "not-posted", "posted")
    refuse_if(
        proposed.day > project.notice_until, "notice-closed", f"the notice closed on {project.notice_until}"
    )
    by_person, by_unit = proposed.person is not None, proposed.unit is not None
    refuse_if(by_person == by_unit, "one-objector", "an objection names either a person or a unit")
    told = (proposed.grounds is not None, proposed.unit_grounds is not None)
    refuse_if(
        told != (by_person, by_unit),
        "grounds-of-the-objector",
        "a person gives 'grounds', which are sealed, a unit 'unit_grounds'",
    )


def answered_once(objection: Objection, proposed: ObjectionAnswered) -> None:
    """An objection to the project is answered once."""
    number = proposed.objection
    too_early_if(not objection.project, "unknown-objection", f"no objection {number} has been raised")
    refuse_if(
        objection.project != proposed.project,
        "other-project",
        f"the objection {number} is to {objection.project}",
    )
    refuse_if(objection.answered, "objection-answered", f"the objection {number} has already been answered")


def returned_before_approval(project: Project, proposed: ProjectReturned) -> None:
    """Only a project awaiting approval can be returned."""
    standing(project, "not-filed", "filed", "confirmed", "posted")


def resubmitted_after_return(project: Project, proposed: ProjectResubmitted) -> None:
    """Only a returned project can be resubmitted; it is then confirmed and posted again."""
    standing(project, "not-returned", "returned")


def approved_after_notice(
    project: Project, objections: Objections, works: Works, proposed: ProjectApproved
) -> None:
    """A project is approved after its public notice, with every objection answered and none upheld."""
    standing(project, "not-posted", "posted")
    refuse_if(
        proposed.day <= project.notice_until, "notice-open", f"the notice lasts until {project.notice_until}"
    )
    refuse_if(
        objections.open,
        "objections-open",
        f"objections without an answer: {', '.join(sorted(objections.open))}",
    )
    refuse_if(
        objections.upheld, "objection-upheld", "an objection was upheld, so the project must be returned"
    )
    refuse_if(project.review_failed, "review-failed", "the experts did not pass the proposal")
    refuse_if(
        proposed.budget > project.requested,
        "above-request",
        f"the unit requested {project.requested} fen, and that amount was posted",
    )
    covers_contracts(works, proposed.budget)


RULES = (
    new_number(
        "project",
        ProjectFiled,
        "project-filed",
        name="filed_once",
        sentence="A project number is assigned only once; later changes to the project are separate events.",
    ),
    Rule(never_classified),
    Rule(year_of_operation),
    Rule(planned_ahead),
    Rule(compared_with_its_like, FIELD, PROJECT_RULES),
    Rule(confirmed_by_another, PROJECT),
    Rule(reviewed_in_its_time, PROJECT, WORKS),
    Rule(posted_as_filed, PROJECT, PROJECT_RULES, CALENDAR),
    Rule(raised_during_notice, PROJECT),
    new_number(
        "objection",
        ObjectionRaised,
        "objection-raised",
        name="raised_once",
        sentence="An objection number is assigned only once.",
    ),
    Rule(answered_once, OBJECTION),
    Rule(returned_before_approval, PROJECT),
    Rule(resubmitted_after_return, PROJECT),
    Rule(approved_after_notice, PROJECT, OBJECTIONS, WORKS),
)
