"""The public register and similar projects: what the public sees, and what it does not."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from events.event import Event
from projections.projects.register import PublicContract, PublicProject, SimilarProject
from streams.scenario import at, given
from tests.contexts.projects import (
    AMENDED,
    APPROVED,
    AS_RECAST,
    AWARDED,
    CHANGED,
    CONFIRMED,
    EVALUATED,
    FILED,
    PROPOSAL_PASSED,
    RECAST,
    RESUBMITTED,
    RETURNED,
    RULES,
    SPENT,
    STARTED,
    TERMINATED,
    TO_ACCEPTANCE,
    TO_APPROVAL,
    TO_CONTRACT,
    TO_NOTICE,
)

PUBLIC = ("atlas-nodes", "atlas-edges", "public-register", "similar-projects")
UNPOSTED = (
    (RULES, FILED),
    (RULES, FILED, CONFIRMED, PROPOSAL_PASSED),
    (RULES, FILED, CONFIRMED, RETURNED),
    (RULES, FILED, CONFIRMED, RETURNED, RECAST, RESUBMITTED),
    (RULES, FILED, replace(TERMINATED, suppliers=[])),
)


@pytest.mark.parametrize("model", PUBLIC)
@pytest.mark.parametrize("history", UNPOSTED)
def test_the_public_sees_nothing_before_the_notice(history: tuple[Event, ...], model: str) -> None:
    assert given(*history).rows(model) == []


@pytest.mark.parametrize("model", PUBLIC)
def test_the_public_sees_no_network_and_security_detail(model: str) -> None:
    shown = msgspec.json.encode(given(*TO_ACCEPTANCE, SPENT, EVALUATED).rows(model))
    assert shown != b"[]"
    assert FILED.network_detail.encode() not in shown
    assert FILED.security_detail.encode() not in shown


def test_the_public_register_follows_the_notice() -> None:
    posted = PublicProject(
        "p",
        status="posted",
        since="2024-01-04",
        name="学籍系统",
        kind="build",
        unit="u",
        field="管理",
        techniques=["云计算", "大数据"],
        content="建设学籍系统",
        posted="2024-01-04",
        notice_until="2024-01-12",
        budget=1_000_000,
        completion="2024-12-31",
    )
    assert given(*TO_NOTICE).row("public-register", "p") == posted
    contract = PublicContract("c", "v", "浦江软件", "open-tender", "软件开发", 800_000)
    approved = replace(
        posted,
        status="approved",
        since="2024-01-15",
        objections=1,
        answered=1,
        budget=900_000,
        contracts=[contract],
    )
    assert given(*TO_CONTRACT).row("public-register", "p") == approved


def test_the_public_register_follows_the_work() -> None:
    row = given(*TO_CONTRACT, replace(AWARDED, contract="c-2", amount=1), AMENDED, CHANGED, STARTED).row(
        "public-register", "p"
    )
    assert (row.budget, [each.amount for each in row.contracts]) == (850_000, [700_000, 1])
    assert row.milestone == "started"
    later = given(*TO_APPROVAL, replace(CHANGED, budget=None, completion="2025-01-30"))
    row = later.row("public-register", "p")
    assert (row.budget, row.completion) == (900_000, "2025-01-30")
    row = given(*TO_ACCEPTANCE, EVALUATED).row("public-register", "p")
    assert (row.status, row.since, row.score) == ("accepted", "2024-08-01", 88)


def test_the_public_register_waits_for_the_new_notice_of_a_change() -> None:
    row = given(*TO_CONTRACT, replace(RECAST, budget=2_000_000)).row("public-register", "p")
    assert (row.status, row.content, row.budget) == ("changing", "建设学籍系统", 900_000)


def test_similar_projects_show_cost_and_time() -> None:
    posted = SimilarProject(
        "p",
        field="管理",
        kind="build",
        name="学籍系统",
        unit="u",
        techniques=["云计算", "大数据"],
        status="posted",
        budget=1_000_000,
    )
    assert given(*TO_NOTICE).row("similar-projects", "p") == posted
    history = (*TO_CONTRACT, SPENT, AMENDED, CHANGED, *TO_ACCEPTANCE[-5:], EVALUATED)
    assert given(*history).row("similar-projects", "p") == replace(
        posted,
        status="accepted",
        budget=850_000,
        contracted=700_000,
        spent=300_000,
        approved="2024-01-15",
        accepted="2024-08-01",
        days_to_acceptance=199,
        score=88,
    )
    for event, status in ((RETURNED, "returned"), (replace(TERMINATED, suppliers=[]), "terminated")):
        assert given(*TO_NOTICE, event).row("similar-projects", "p").status == status


def test_time_runs_from_the_first_approval() -> None:
    again = replace(APPROVED, occurred_at=at("2024-04-01"))
    row = given(*TO_CONTRACT, RECAST, AS_RECAST, again).row("similar-projects", "p")
    assert (row.approved, row.status) == ("2024-01-15", "approved")
