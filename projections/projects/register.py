"""What the public may see: the public register, and similar projects side by side (公开比建)."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from events.clock import days_between
from events.fold import REMOVED, Removed
from events.projects.approval import (
    ObjectionAnswered,
    ObjectionRaised,
    ProjectApproved,
    ProjectPosted,
    ProjectReturned,
)
from events.projects.contracts import ContractAmended, ContractAwarded, SpendingReported
from events.projects.delivery import (
    MilestoneReached,
    ProjectAccepted,
    ProjectChanged,
    ProjectEvaluated,
    ProjectTerminated,
)
from projections.projects.atlas import status_after
from projections.read_model import ReadModel


class PublicContract(Struct):
    """A contract as the public sees it."""

    contract: str
    supplier: str
    supplier_name: str
    procedure: str
    subject: str
    amount: int


class PublicProject(Struct):
    """A line of the public register, which withholds network and security details and what is not posted."""

    project: str
    status: str = ""
    since: str = ""
    name: str = ""
    kind: str = ""
    year: int | None = None
    unit: str = ""
    field: str = ""
    techniques: list[str] = msgspec.field(default_factory=list)
    content: str = ""
    posted: str = ""
    notice_until: str = ""
    objections: int = 0
    answered: int = 0
    budget: int = 0
    completion: str = ""
    contracts: list[PublicContract] = msgspec.field(default_factory=list)
    milestone: str | None = None
    score: int | None = None


def public_project(
    row: PublicProject,
    event: ProjectPosted
    | ObjectionRaised
    | ObjectionAnswered
    | ProjectReturned
    | ProjectApproved
    | ProjectChanged
    | ContractAwarded
    | ContractAmended
    | MilestoneReached
    | ProjectAccepted
    | ProjectEvaluated
    | ProjectTerminated,
) -> Removed | None:
    """Show a project from its first posting on, as last posted; once approved, with its approved budget."""
    if not row.status and not isinstance(event, ProjectPosted):
        return REMOVED
    before = row.status
    match event:
        case ProjectPosted():
            _post(row, event)
        case ContractAwarded() | ContractAmended():
            _contract(row, event)
        case ObjectionRaised():
            row.objections += 1
        case ObjectionAnswered():
            row.answered += 1
        case MilestoneReached():
            row.milestone = event.milestone
        case ProjectEvaluated():
            row.score = event.score
        case _:
            _decide(row, event)
    if row.status != before:
        row.since = event.day
    return None


def _post(row: PublicProject, event: ProjectPosted) -> None:
    row.status, row.posted, row.notice_until = "posted", event.day, event.until
    row.name, row.kind, row.year = event.name, event.kind, event.year
    row.unit, row.field, row.techniques = event.unit, event.field, event.techniques
    row.content, row.budget, row.completion = event.content, event.budget, event.completion


def _contract(row: PublicProject, event: ContractAwarded | ContractAmended) -> None:
    if isinstance(event, ContractAwarded):
        told = (event.supplier, event.supplier_name, event.procedure, event.subject)
        row.contracts.append(PublicContract(event.contract, *told, event.amount))
        return
    for each in row.contracts:
        if each.contract == event.contract:
            each.amount = event.to_amount


def _decide(
    row: PublicProject,
    event: ProjectReturned | ProjectApproved | ProjectChanged | ProjectAccepted | ProjectTerminated,
) -> None:
    if isinstance(event, ProjectApproved):
        row.budget = event.budget
    if isinstance(event, ProjectChanged) and not event.returns_to_approval:
        row.budget = row.budget if event.budget is None else event.budget
        row.completion = row.completion if event.completion is None else event.completion
    row.status = status_after(event, row.status)


class SimilarProject(Struct):
    """What a project cost and how long it took, for comparison with others of its kind and field."""

    project: str
    field: str = ""
    kind: str = ""
    year: int | None = None
    name: str = ""
    unit: str = ""
    techniques: list[str] = msgspec.field(default_factory=list)
    status: str = ""
    budget: int = 0
    contracted: int = 0
    spent: int = 0
    approved: str | None = None
    accepted: str | None = None
    days_to_acceptance: int | None = None
    score: int | None = None


def similar_project(
    row: SimilarProject,
    event: ProjectPosted
    | ProjectReturned
    | ProjectApproved
    | ProjectChanged
    | ContractAwarded
    | ContractAmended
    | SpendingReported
    | ProjectAccepted
    | ProjectEvaluated
    | ProjectTerminated,
) -> Removed | None:
    """Follow cost and duration of a posted project; the duration runs from its first approval."""
    if not row.status and not isinstance(event, ProjectPosted):
        return REMOVED
    match event:
        case ProjectPosted():
            row.name, row.unit, row.techniques = event.name, event.unit, event.techniques
            row.field, row.kind, row.year = event.field, event.kind, event.year
            row.status, row.budget = "posted", event.budget
        case ContractAwarded():
            row.contracted += event.amount
        case ContractAmended():
            row.contracted += event.to_amount - event.from_amount
        case SpendingReported():
            row.spent += event.amount
        case ProjectEvaluated():
            row.score = event.score
        case _:
            _progress(row, event)
    return None


def _progress(
    row: SimilarProject,
    event: ProjectReturned | ProjectApproved | ProjectChanged | ProjectAccepted | ProjectTerminated,
) -> None:
    match event:
        case ProjectApproved():
            row.budget, row.approved = event.budget, row.approved or event.day
        case ProjectAccepted():
            row.accepted = event.day
            row.days_to_acceptance = days_between(row.approved or event.day, event.day)
        case ProjectChanged() if not event.returns_to_approval:
            row.budget = row.budget if event.budget is None else event.budget
        case _:
            pass
    row.status = status_after(event, row.status)


READ_MODELS = (
    ReadModel(
        "public-register",
        "project",
        PublicProject,
        public_project,
        filter=("unit", "field", "kind", "year", "status"),
        sort=("posted", "notice_until", "budget", "since"),
    ),
    ReadModel(
        "similar-projects",
        "project",
        SimilarProject,
        similar_project,
        filter=("field", "kind", "year", "unit", "status"),
        sort=("budget", "contracted", "spent", "days_to_acceptance", "score"),
    ),
)
