"""Spending, contracts and suppliers."""

from __future__ import annotations

from msgspec.structs import replace

from projections.projects.money import Contract, ProjectSpending, SupplierProject, SupplierRecord
from streams.scenario import given
from tests.contexts.projects import (
    ACCEPTED,
    AMENDED,
    AWARDED,
    CHANGED,
    EVALUATED,
    RECAST,
    SPENT,
    TERMINATED,
    TO_ACCEPTANCE,
    TO_APPROVAL,
    TO_CONTRACT,
)


def test_spending_stands_against_the_budget() -> None:
    assert given(*TO_APPROVAL).row("project-spending", "p") == ProjectSpending(
        "p", 900_000, uncommitted=900_000
    )
    spent = given(*TO_CONTRACT, AMENDED, SPENT, CHANGED).row("project-spending", "p")
    assert spent == ProjectSpending("p", 850_000, 1, 700_000, 300_000, 150_000, "2024-02-10")
    assert given(*TO_CONTRACT, replace(RECAST, budget=1)).row("project-spending", "p").budget == 900_000


def test_contracts_keep_amount_and_spending() -> None:
    assert given(*TO_CONTRACT, AMENDED, SPENT).row("contracts", "c") == Contract(
        "c",
        "p",
        "v",
        "浦江软件",
        "软件开发",
        "open-tender",
        "2024-02-01",
        first_amount=800_000,
        amount=700_000,
        amendments=1,
        spent=300_000,
        last_spent="2024-02-10",
    )


def test_suppliers_have_a_record() -> None:
    breach = (
        replace(AWARDED, project="q", contract="d", amount=1),
        replace(TERMINATED, project="q"),
        replace(TERMINATED, project="r", reason="funding"),
    )
    history = given(*TO_CONTRACT, AMENDED, SPENT, *TO_ACCEPTANCE[-2:], EVALUATED, *breach)
    assert history.row("supplier-records", "v") == SupplierRecord(
        "v",
        "浦江软件",
        contracts=2,
        contracted=700_001,
        amendments=1,
        spent=300_000,
        accepted=1,
        terminated=2,
        breaches=1,
        evaluations=1,
        scores=88,
    )
    assert history.rows("supplier-projects") == [
        SupplierProject("v", "p", 1, 700_000, 300_000, "accepted", 88),
        SupplierProject("v", "q", 1, 1, 0, "terminated"),
        SupplierProject("v", "r", outcome="terminated"),
    ]


def test_every_supplier_of_a_project_shares_its_outcome() -> None:
    accepted = replace(ACCEPTED, suppliers=["v", "w"])
    assert [row.accepted for row in given(accepted).rows("supplier-records")] == [1, 1]
