"""Money: contracts within the budget, and spending within the contracts."""

from __future__ import annotations

from msgspec import Struct

from domain.number import new_number
from domain.projects.project import PROJECT, WORKS, Project, Works, of_its_system, standing
from domain.projects.published import ALL, ProjectRules
from domain.rule import Rule, refuse_if, too_early_if
from events.fold import Fold
from events.projects.contracts import ContractAmended, ContractAwarded, SpendingReported
from events.projects.published import PROJECT_RULES


class Contract(Struct):
    """A contract's project, supplier and amounts, at first and now, and how much of it has been spent."""

    contract: str
    project: str = ""
    supplier: str = ""
    first: int = 0
    amount: int = 0
    spent: int = 0


def contract(state: Contract, event: ContractAwarded | ContractAmended | SpendingReported) -> None:
    """Follow a contract's amount and the spending under it."""
    match event:
        case ContractAwarded():
            state.project, state.supplier = event.project, event.supplier
            state.first = state.amount = event.amount
        case ContractAmended():
            state.amount = event.to_amount
        case SpendingReported():
            state.spent += event.amount


CONTRACT = Fold("contract", Contract, contract, steps=True)


def awarded_within_budget(project: Project, works: Works, proposed: ContractAwarded) -> None:
    """Contracts are awarded only after the project is approved, and together do not exceed its budget."""
    standing(project, "not-approved", "approved")
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
    standing(project, "not-approved", "approved", "accepted", "terminated")
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


def amended_within(contract: Contract, rules: ProjectRules, proposed: ContractAmended) -> None:
    """All amendments of a contract together add at most the published share of its first amount (政府采购法, art. 49)."""
    terms = rules.on(proposed.day)
    most = contract.first + contract.first * (terms.amend_percent if terms else ALL) // ALL
    refuse_if(
        proposed.to_amount > max(most, contract.amount),
        "beyond-amendment",
        f"first {contract.first} fen, the contract may be amended to {most} fen",
    )


def tendered(rules: ProjectRules, proposed: ContractAwarded) -> None:
    """From the published amount on, a contract from a single source (单一来源) states its ground."""
    terms = rules.on(proposed.day)
    least = terms.tender_from if terms else None
    refuse_if(
        least is not None
        and proposed.amount >= least
        and proposed.procedure == "single-source"
        and proposed.ground is None,
        "tender-required",
        f"from {least} fen on a contract is tendered, or states why it cannot be",
    )


def spent_in_order(
    contract: Contract, project: Project, rules: ProjectRules, proposed: SpendingReported
) -> None:
    """Before a project is accepted, at most the published share of a contract is spent."""
    terms = rules.on(proposed.day)
    if terms is None or project.stage in ("accepted", "terminated"):
        return
    most = contract.amount * terms.before_acceptance_percent // ALL
    refuse_if(
        contract.spent + proposed.amount > most,
        "ahead-of-acceptance",
        f"before acceptance {most} of {contract.amount} fen may be spent",
    )


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
    Rule(amended_within, CONTRACT, PROJECT_RULES),
    Rule(tendered, PROJECT_RULES),
    Rule(spent_in_order, CONTRACT, PROJECT, PROJECT_RULES),
)
