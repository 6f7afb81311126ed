"""Money: contracts within the budget, spending within the contracts."""

from __future__ import annotations

from msgspec import Struct

from domain.number import new_number
from domain.projects.project import PROJECT, WORKS, Project, Works, of_its_system, standing
from domain.rule import Rule, refuse_if, too_early_if
from events.fold import Fold
from events.projects.contracts import ContractAmended, ContractAwarded, SpendingReported


class Contract(Struct):
    """Whose a contract is, over how much, and what of it has been spent."""

    contract: str
    project: str = ""
    supplier: str = ""
    amount: int = 0
    spent: int = 0


def contract(state: Contract, event: ContractAwarded | ContractAmended | SpendingReported) -> None:
    """Follow a contract's amount and what is spent of it."""
    match event:
        case ContractAwarded():
            state.project, state.supplier, state.amount = event.project, event.supplier, event.amount
        case ContractAmended():
            state.amount = event.to_amount
        case SpendingReported():
            state.spent += event.amount


CONTRACT = Fold("contract", Contract, contract)


def awarded_within_budget(project: Project, works: Works, proposed: ContractAwarded) -> None:
    """Contracts are awarded once the project is approved, all together within its budget."""
    standing(project, "approved")
    within_budget(project, works.contracted + proposed.amount)


def within_budget(project: Project, contracted: int) -> None:
    """Refuse contracts that together exceed the budget."""
    refuse_if(
        contracted > project.budget,
        "beyond-budget",
        f"contracts over {contracted} fen exceed the budget of {project.budget} fen",
    )


def the_contract(contract: Contract, project: str, supplier: str) -> None:
    """Refuse unless it is a contract of the project with the supplier."""
    number = contract.contract
    too_early_if(not contract.project, "unknown-contract", f"no contract {number} is awarded")
    refuse_if(
        (contract.project, contract.supplier) != (project, supplier),
        "other-contract",
        f"{number} is a contract of {contract.project} with {contract.supplier}",
    )


def amended_within_budget(
    contract: Contract, project: Project, works: Works, proposed: ContractAmended
) -> None:
    """An amendment names the amount before, and leaves contracts within the budget and above what is spent."""
    the_contract(contract, proposed.project, proposed.supplier)
    standing(project, "approved", "accepted", "terminated")
    refuse_if(
        proposed.from_amount != contract.amount,
        "other-amount",
        f"the contract is over {contract.amount} fen, not {proposed.from_amount}",
    )
    refuse_if(
        proposed.to_amount < contract.spent, "below-spending", f"{contract.spent} fen have been spent already"
    )
    if proposed.to_amount > contract.amount:
        within_budget(project, works.contracted - contract.amount + proposed.to_amount)


def spent_within_contract(contract: Contract, project: Project, proposed: SpendingReported) -> None:
    """Spending does not exceed its contract, and is that of the project's system."""
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
        sentence="A contract has a number of its own.",
    ),
    Rule(awarded_within_budget, PROJECT, WORKS),
    Rule(amended_within_budget, CONTRACT, PROJECT, WORKS),
    Rule(spent_within_contract, CONTRACT, PROJECT),
)
