"""From approval to the end: changes, milestones, final acceptance, evaluation, termination."""

from __future__ import annotations

from msgspec import Struct, field

from domain.projects.project import (
    PROJECT,
    WORKS,
    Project,
    Works,
    covers_contracts,
    its_suppliers,
    of_its_system,
    standing,
)
from domain.projects.published import ALL, ProjectRules, rules_on
from domain.rule import Rule, refuse_if
from events.clock import days_between, plus_days
from events.fold import Fold
from events.projects.approval import Kind
from events.projects.delivery import (
    Milestone,
    MilestoneReached,
    ProjectAccepted,
    ProjectChanged,
    ProjectEvaluated,
    ProjectLinked,
    ProjectTerminated,
    ProjectUnlinked,
)
from events.projects.published import PROJECT_RULES, ProjectRulesPublished

PATHS: dict[Kind, tuple[Milestone, ...]] = {
    "build": ("started", "first-acceptance", "trial-run", "operation"),
    "upgrade": ("started", "first-acceptance", "trial-run", "operation"),
    "operate": ("started",),
}
"""The milestones of each kind of project, in order."""


class Links(Struct):
    """The data sets and sites that are linked to a project."""

    project: str
    datasets: set[str] = field(default_factory=set)
    sites: set[str] = field(default_factory=set)


def links(state: Links, event: ProjectLinked | ProjectUnlinked) -> None:
    """Keep the links that stand."""
    match event:
        case ProjectLinked():
            state.datasets |= set(event.datasets)
            state.sites |= set(event.sites)
        case ProjectUnlinked():
            state.datasets -= set(event.datasets)
            state.sites -= set(event.sites)


LINKS = Fold("project", Links, links, steps=True)


def changed_within_tolerance(project: Project, rules: ProjectRules, proposed: ProjectChanged) -> None:
    """A change beyond the published tolerance needs approval again; a project awaiting approval is returned first.

    A change is measured against what was approved, so that small changes cannot add up. Content and
    techniques, which were posted, have no tolerance.
    """
    standing(project, "not-approved", "approved", "returned")
    if proposed.returns_to_approval:
        return
    refuse_if(
        project.stage == "returned", "returned", "a returned project needs approval again after any change"
    )
    refuse_if(
        _beyond(project, rules_on(rules, proposed.day), proposed),
        "beyond-tolerance",
        "the change is beyond the tolerance and must return to approval",
    )


def _beyond(project: Project, terms: ProjectRulesPublished, change: ProjectChanged) -> bool:
    if change.content is not None or change.added_techniques or change.dropped_techniques:
        return True
    if change.budget is not None:
        difference = abs(change.budget - project.approved_budget)
        if difference * ALL > terms.budget_tolerance * project.approved_budget:
            return True
    if change.completion is None:
        return False
    return days_between(project.approved_completion, change.completion) > terms.delay_tolerance_days


def budget_covers_contracts(works: Works, proposed: ProjectChanged) -> None:
    """A changed budget covers the contracts already awarded."""
    if proposed.budget is not None:
        covers_contracts(works, proposed.budget)


def techniques_as_told(project: Project, proposed: ProjectChanged) -> None:
    """A change adds only techniques that the project lacks, and drops only those that it has."""
    there = sorted(project.techniques.intersection(proposed.added_techniques))
    refuse_if(there, "technique-there", f"the project already has: {', '.join(there)}")
    missing = sorted(set(proposed.dropped_techniques) - project.techniques)
    refuse_if(missing, "technique-missing", f"the project does not have: {', '.join(missing)}")


def completed_later(proposed: ProjectChanged) -> None:
    """A change sets no day of completion that has passed."""
    refuse_if(
        proposed.completion is not None and proposed.completion < proposed.day,
        "completion-past",
        f"the new day of completion, {proposed.completion}, is before the day of the change",
    )


def linked_once_approved(project: Project, links: Links, proposed: ProjectLinked) -> None:
    """Each data set or site is linked once, and only to a project that has been approved."""
    standing(project, "not-approved", "approved", "accepted")
    there = sorted(links.datasets.intersection(proposed.datasets) | links.sites.intersection(proposed.sites))
    refuse_if(there, "linked-already", f"already linked: {', '.join(there)}")


def unlinked_what_was_linked(links: Links, proposed: ProjectUnlinked) -> None:
    """Only a linked data set or site can be unlinked."""
    missing = sorted((set(proposed.datasets) - links.datasets) | (set(proposed.sites) - links.sites))
    refuse_if(missing, "not-linked", f"not linked: {', '.join(missing)}")


def milestones_in_order(project: Project, works: Works, proposed: MilestoneReached) -> None:
    """Milestones are reached in order: work starts under a contract, and operation follows final acceptance."""
    if proposed.milestone == "operation":
        standing(project, "not-accepted", "accepted")
    else:
        standing(project, "not-approved", "approved")
    refuse_if(not works.contracts, "not-contracted", f"{proposed.project} has no contract")
    path, passed = PATHS[project.kind], len(works.milestones)
    following = path[passed] if passed < len(path) else None
    refuse_if(
        proposed.milestone != following,
        "out-of-order",
        f"the next milestone of {proposed.project} is {following or 'none'}, not {proposed.milestone}",
    )


def accepted_after_trial(
    project: Project, works: Works, rules: ProjectRules, proposed: ProjectAccepted
) -> None:
    """Final acceptance (终验) follows a trial run of the published length; a year's operation needs no trial run."""
    standing(project, "not-approved", "approved")
    refuse_if(not works.contracts, "not-contracted", f"{proposed.project} has no contract")
    if project.kind != "operate":
        refuse_if(not works.trial_since, "no-trial-run", f"the trial run of {proposed.project} has not begun")
        until = plus_days(works.trial_since, rules_on(rules, works.trial_since).trial_days)
        refuse_if(proposed.day < until, "trial-running", f"the trial run lasts until {until}")


def accepted_as_reviewed(project: Project, works: Works, proposed: ProjectAccepted) -> None:
    """A project is accepted only if experts have passed its result, and only with its own system and suppliers."""
    refuse_if(works.result_passed is None, "not-reviewed", "the result has not been reviewed")
    refuse_if(not works.result_passed, "review-failed", "the experts did not pass the result")
    of_its_system(project, proposed.system)
    its_suppliers(works, proposed.suppliers)


def evaluated_after_acceptance(project: Project, works: Works, proposed: ProjectEvaluated) -> None:
    """Only an accepted project has its performance evaluated."""
    standing(project, "not-accepted", "accepted")
    its_suppliers(works, proposed.suppliers)


def terminated_before_acceptance(project: Project, works: Works, proposed: ProjectTerminated) -> None:
    """A project is terminated once, before its acceptance."""
    standing(project, "not-filed", "filed", "confirmed", "posted", "returned", "approved")
    of_its_system(project, proposed.system)
    its_suppliers(works, proposed.suppliers)


RULES = (
    Rule(changed_within_tolerance, PROJECT, PROJECT_RULES),
    Rule(completed_later),
    Rule(budget_covers_contracts, WORKS),
    Rule(techniques_as_told, PROJECT),
    Rule(linked_once_approved, PROJECT, LINKS),
    Rule(unlinked_what_was_linked, LINKS),
    Rule(milestones_in_order, PROJECT, WORKS),
    Rule(accepted_after_trial, PROJECT, WORKS, PROJECT_RULES),
    Rule(accepted_as_reviewed, PROJECT, WORKS),
    Rule(evaluated_after_acceptance, PROJECT, WORKS),
    Rule(terminated_before_acceptance, PROJECT, WORKS),
)
