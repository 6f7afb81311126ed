"""A project as rules see it: its stage in the procedure, and how far its work has come."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from domain.rule import Code, refuse_if, too_early_if
from events.event import Event
from events.fold import Fold
from events.projects.approval import (
    Kind,
    NonClassificationConfirmed,
    ProjectApproved,
    ProjectFiled,
    ProjectPosted,
    ProjectResubmitted,
    ProjectReturned,
    ProjectReviewed,
)
from events.projects.contracts import ContractAmended, ContractAwarded
from events.projects.delivery import MilestoneReached, ProjectAccepted, ProjectChanged, ProjectTerminated

STAGES: dict[type[Event], str] = {
    NonClassificationConfirmed: "confirmed",
    ProjectResubmitted: "filed",
    ProjectAccepted: "accepted",
    ProjectTerminated: "terminated",
}


class Project(Struct):
    """A project as filed and as approved, and its stage; an empty stage means that it is not filed.

    `budget` is the one in force: as approved, with the changes within tolerance since then.
    """

    project: str
    stage: str = ""
    unit: str = ""
    system: str = ""
    name: str = ""
    kind: Kind = "build"
    field: str = ""
    techniques: set[str] = msgspec.field(default_factory=set)
    content: str = ""
    year: int | None = None
    requested: int = 0
    completion: str = ""
    notice_until: str = ""
    review_failed: bool = False
    budget: int = 0
    approved_budget: int = 0
    approved_completion: str = ""


def project(
    state: Project,
    event: ProjectFiled
    | NonClassificationConfirmed
    | ProjectReviewed
    | ProjectPosted
    | ProjectReturned
    | ProjectResubmitted
    | ProjectApproved
    | ProjectChanged
    | ProjectAccepted
    | ProjectTerminated,
) -> None:
    """Follow a project through its stages."""
    match event:
        case ProjectFiled():
            _file(state, event)
        case ProjectReviewed():
            state.review_failed = event.subject == "proposal" and not event.passed
        case ProjectPosted():
            state.stage, state.notice_until = "posted", event.until
        case ProjectReturned():
            state.stage, state.review_failed = "returned", False
        case ProjectApproved():
            state.stage = "approved"
            state.budget = state.approved_budget = event.budget
            state.approved_completion = state.completion
        case ProjectChanged():
            _change(state, event)
        case NonClassificationConfirmed() | ProjectResubmitted() | ProjectAccepted() | ProjectTerminated():
            state.stage = STAGES[type(event)]


def _file(state: Project, event: ProjectFiled) -> None:
    state.stage = "filed"
    state.unit, state.system, state.name = event.unit, event.system, event.name
    state.kind, state.year, state.field = event.kind, event.year, event.field
    state.techniques, state.content = set(event.techniques), event.content
    state.requested, state.completion = event.budget, event.completion


def _change(state: Project, event: ProjectChanged) -> None:
    state.content = state.content if event.content is None else event.content
    state.completion = state.completion if event.completion is None else event.completion
    state.requested = state.requested if event.budget is None else event.budget
    state.techniques |= set(event.added_techniques)
    state.techniques -= set(event.dropped_techniques)
    if not event.returns_to_approval:
        state.budget = state.requested
    elif state.stage == "approved":
        state.stage = "filed"


PROJECT = Fold("project", Project, project, steps=True)


class Works(Struct):
    """How far a project's work has come: its contracts, its milestones and the review of its result."""

    project: str
    contracts: dict[str, int] = msgspec.field(default_factory=dict)
    suppliers: set[str] = msgspec.field(default_factory=set)
    milestones: list[str] = msgspec.field(default_factory=list)
    trial_since: str = ""
    result_passed: bool | None = None

    @property
    def contracted(self) -> int:
        """The amount of all contracts together, in fen."""
        return sum(self.contracts.values())


def works(
    state: Works,
    event: ContractAwarded | ContractAmended | MilestoneReached | ProjectReviewed | ProjectChanged,
) -> None:
    """Follow the work; a project that returns to approval needs its result reviewed again."""
    match event:
        case ContractAwarded():
            state.contracts[event.contract] = event.amount
            state.suppliers.add(event.supplier)
        case ContractAmended():
            state.contracts[event.contract] = event.to_amount
        case MilestoneReached():
            state.milestones.append(event.milestone)
            if event.milestone == "trial-run":
                state.trial_since = event.day
        case ProjectReviewed():
            if event.subject == "result":
                state.result_passed = event.passed
        case ProjectChanged():
            if event.returns_to_approval:
                state.result_passed = None


WORKS = Fold("project", Works, works, steps=True)


def standing(project: Project, code: Code, *stages: str) -> None:
    """Refuse unless the project is at one of the stages, which it passes in order."""
    too_early_if(not project.stage, "unknown-project", f"no project {project.project} has been filed")
    refuse_if(
        project.stage not in stages,
        code,
        f"the project {project.project} is {project.stage}, not {' or '.join(stages)}",
    )


def its_suppliers(works: Works, suppliers: list[str]) -> None:
    """Refuse unless these are exactly the suppliers that hold the project's contracts."""
    refuse_if(
        set(suppliers) != works.suppliers,
        "other-suppliers",
        f"the project's suppliers are: {', '.join(sorted(works.suppliers)) or 'none'}",
    )


def of_its_system(project: Project, system: str) -> None:
    """Refuse unless the system is the project's own."""
    refuse_if(
        system != project.system, "other-system", f"the project's system is {project.system}, not {system}"
    )


def covers_contracts(works: Works, budget: int) -> None:
    """Refuse a budget below the contracts already awarded."""
    refuse_if(
        budget < works.contracted,
        "below-contracts",
        f"contracts totalling {works.contracted} fen have already been awarded",
    )
