"""Money: spending of each project and contract against the approved budget, and suppliers' records."""

from __future__ import annotations

from msgspec import Struct

from events.projects.approval import ProjectApproved
from events.projects.contracts import ContractAmended, ContractAwarded, SpendingReported
from events.projects.delivery import ProjectAccepted, ProjectChanged, ProjectEvaluated, ProjectTerminated
from projections.read_model import ReadModel

Paid = ContractAwarded | ContractAmended | SpendingReported


class ProjectSpending(Struct):
    """A project's budget, how much of it is under contract, and how much is spent, in fen (分)."""

    project: str
    budget: int = 0
    contracts: int = 0
    contracted: int = 0
    spent: int = 0
    uncommitted: int = 0
    last_spent: str | None = None


def project_spending(row: ProjectSpending, event: ProjectApproved | ProjectChanged | Paid) -> None:
    """Follow the budget in force and what remains uncommitted."""
    match event:
        case ProjectApproved():
            row.budget = event.budget
        case ProjectChanged():
            if not event.returns_to_approval and event.budget is not None:
                row.budget = event.budget
        case ContractAwarded():
            row.contracts += 1
            row.contracted += event.amount
        case ContractAmended():
            row.contracted += event.to_amount - event.from_amount
        case SpendingReported():
            row.spent += event.amount
            row.last_spent = event.day
    row.uncommitted = row.budget - row.contracted


class Contract(Struct):
    """A contract: its supplier, its amount as amended, and how much of it is spent, in fen (分)."""

    contract: str
    project: str = ""
    supplier: str = ""
    supplier_name: str = ""
    subject: str = ""
    procedure: str = ""
    awarded: str = ""
    first_amount: int = 0
    amount: int = 0
    amendments: int = 0
    spent: int = 0
    last_spent: str | None = None


def contract(row: Contract, event: Paid) -> None:
    """Follow a contract's amount and spending."""
    match event:
        case ContractAwarded():
            row.project, row.supplier, row.supplier_name = event.project, event.supplier, event.supplier_name
            row.subject, row.procedure, row.awarded = event.subject, event.procedure, event.day
            row.first_amount = row.amount = event.amount
        case ContractAmended():
            row.amount = event.to_amount
            row.amendments += 1
        case SpendingReported():
            row.spent += event.amount
            row.last_spent = event.day


class SupplierRecord(Struct):
    """A supplier's contracts and payments, and how its projects ended; `scores` is a sum over evaluations."""

    supplier: str
    name: str = ""
    contracts: int = 0
    contracted: int = 0
    amendments: int = 0
    spent: int = 0
    accepted: int = 0
    terminated: int = 0
    breaches: int = 0
    evaluations: int = 0
    scores: int = 0


Outcome = ProjectAccepted | ProjectEvaluated | ProjectTerminated


def supplier_record(row: SupplierRecord, event: Paid | Outcome) -> None:
    """Add to a supplier's record; its name is the latest one reported."""
    match event:
        case ContractAwarded():
            row.name = event.supplier_name
            row.contracts += 1
            row.contracted += event.amount
        case ContractAmended():
            row.amendments += 1
            row.contracted += event.to_amount - event.from_amount
        case SpendingReported():
            row.spent += event.amount
        case ProjectAccepted():
            row.accepted += 1
        case ProjectEvaluated():
            row.evaluations += 1
            row.scores += event.score
        case ProjectTerminated():
            row.terminated += 1
            row.breaches += event.reason == "breach-of-contract"


class SupplierProject(Struct):
    """A supplier's contracts and payments in one project, and how the project ended."""

    supplier: str
    project: str
    contracts: int = 0
    contracted: int = 0
    spent: int = 0
    outcome: str | None = None
    score: int | None = None


def supplier_project(row: SupplierProject, event: Paid | Outcome) -> None:
    """Follow a supplier's part in a project."""
    match event:
        case ContractAwarded():
            row.contracts += 1
            row.contracted += event.amount
        case ContractAmended():
            row.contracted += event.to_amount - event.from_amount
        case SpendingReported():
            row.spent += event.amount
        case ProjectAccepted():
            row.outcome = "accepted"
        case ProjectEvaluated():
            row.score = event.score
        case ProjectTerminated():
            row.outcome = "terminated"


READ_MODELS = (
    ReadModel(
        "project-spending",
        "project",
        ProjectSpending,
        project_spending,
        sort=("budget", "contracted", "spent", "uncommitted"),
    ),
    ReadModel(
        "contracts",
        "contract",
        Contract,
        contract,
        filter=("project", "supplier", "procedure"),
        sort=("awarded", "amount", "spent"),
    ),
    ReadModel(
        "supplier-records",
        "supplier",
        SupplierRecord,
        supplier_record,
        anytime=(ContractAmended, SpendingReported, ProjectAccepted, ProjectEvaluated, ProjectTerminated),
        sort=("name", "contracts", "contracted", "spent", "accepted", "terminated"),
    ),
    ReadModel(
        "supplier-projects",
        "supplier",
        SupplierProject,
        supplier_project,
        anytime=(ContractAwarded, ContractAmended, SpendingReported),
        filter=("project", "outcome"),
        sort=("contracted", "spent", "score"),
    ),
)
