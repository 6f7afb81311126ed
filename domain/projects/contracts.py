"""Money: contracts within the budget, and spending within the contracts."""

from __future__ import annotations

from msgspec import Struct

from domain.number import new_number
from domain.projects.project import PROJECT, WORKS, Project, Works, of_its_system, standing
from domain.rule import Rule, refuse_if, too_early_if
from events.fold import Fold
from events.projects.contracts import ContractAmended, ContractAwarded, SpendingReported


class Contract(Struct):
    """A contract's project, supplier and amount, and how much of it has been spent."""

    contract: str
    project: str = ""
    supplier: str = ""
    amount: int = 0
    spent: int = 0


def contract(state: Contract, event: ContractAwarded | ContractAmended | SpendingReported) -> None:
    """Follow a contract's amount and the spending under it."""
    match event:
        case ContractAwarded():
            state.project, state.supplier, state.amount = event.project, event.supplier, event.amount
        case ContractAmended():
            state.amount = event.to_amount
        case SpendingReported():
            state.spent += event.amount


CONTRACT = Fold("contract", Contract, contract, steps=True)


def awarded_within_budget(project: Project, works: Works, proposed: ContractAwarded) -> None:
    """Contracts are awarded only after the project is approved, and together do not exceed its budget."""
    standing(project, "approved")
    within_budget(project, works.contracted + proposed.amount)


def within_budget(project: Project, contracted: int) -> None:
    """Refuse if the contracts together exceed the budget."""
    refuse_if(
        contracted > project.budget,
        "beyond-budget",
        f"contracts totalling {contracted} fen exceed the budget of {project.budget} fen",
    )


def the_contract(contract: Contract, project: str, supplier: str) -> None:
    """Refuse unless the contract is the project's, with this supplier."""
    number = contract.contract
    too_early_if(not contract.project, "unknown-contract", f"no contract {number} has been awarded")
    refuse_if(
        (contract.project, contract.supplier) != (project, supplier),
        "other-contract",
        f"the contract {number} is for {contract.project}, with {contract.supplier}",
    )


def amended_within_budget(
    contract: Contract, project: Project, works: Works, proposed: ContractAmended
) -> None:
    """An amendment names the previous amount; the new one fits the budget and covers the spending so far."""
    the_contract(contract, proposed.project, proposed.supplier)
    standing(project, "approved", "accepted", "terminated")
    refuse_if(
        proposed.from_amount != contract.amount,
        "other-amount",
        f"the contract is for {contract.amount} fen, not {proposed.from_amount}",
    )
    refuse_if(
        proposed.to_amount < contract.spent, "below-spending", f"{contract.spent} fen have already been spent"
    )
    if proposed.to_amount > contract.amount:
        within_budget(project, works.contracted - contract.amount + proposed.to_amount)


def spent_within_contract(contract: Contract, project: Project, proposed: SpendingReported) -> None:
    """Spending does not exceed its contract, and is for the project's own system."""
    the_contract(contract, proposed.project, proposed.supplier)
    of_its_system(project, proposed.system)
    spent = contract.spent + proposed.amount
    refuse_if(
        spent > contract.amount,
        "beyond-contract",
        f"spending of {spent} fen exceeds the contract of {contract.amount} fen",
    )


RULES = (
    new_number(
        "contract",
        ContractAwarded,
        "contract-awarded",
        name="awarded_once",
        sentence="A contract number is assigned only once.",
    ),
    Rule(awarded_within_budget, PROJECT, WORKS),
    Rule(amended_within_budget, CONTRACT, PROJECT, WORKS),
    Rule(spent_within_contract, CONTRACT, PROJECT),
)
