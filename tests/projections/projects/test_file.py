"""The complete file of a project, and open objections."""

from __future__ import annotations

from msgspec.structs import replace

from projections.projects.file import OpenObjection, ProjectFile
from streams.scenario import given
from tests.contexts.projects import (
    ANSWERED,
    CHANGED,
    CONFIRMED,
    FILED,
    OBJECTED,
    RECAST,
    RESUBMITTED,
    RESULT_PASSED,
    RETURNED,
    TERMINATED,
    TO_ACCEPTANCE,
    TO_APPROVAL,
    TO_CONTRACT,
    TO_NOTICE,
    TO_TRIAL,
    UPHELD,
)


def test_the_file_of_a_project_is_complete() -> None:
    filed = ProjectFile(
        "p",
        stage="filed",
        since="2024-01-02",
        unit="u",
        system="s",
        name="学籍系统",
        kind="build",
        tier="municipality",
        field="管理",
        techniques=["云计算", "大数据"],
        content="建设学籍系统",
        requested=1_000_000,
        completion="2024-12-31",
        filed="2024-01-02",
        network_detail="10.0.0.0/8",
        security_detail="防火墙",
    )
    assert given(FILED).row("projects", "p") == filed
    approved = replace(
        filed,
        stage="approved",
        since="2024-01-15",
        notice_until="2024-01-12",
        proposal_passed=True,
        budget=900_000,
    )
    assert given(*TO_APPROVAL).row("projects", "p") == approved
    assert given(*TO_APPROVAL, CHANGED).row("projects", "p") == replace(
        approved, requested=850_000, budget=850_000
    )


def test_the_file_follows_the_stages() -> None:
    stages = {
        "confirmed": (FILED, CONFIRMED),
        "posted": TO_NOTICE,
        "returned": (*TO_NOTICE, RETURNED),
        "filed": (*TO_NOTICE, RETURNED, RESUBMITTED),
        "accepted": TO_ACCEPTANCE,
        "terminated": (*TO_CONTRACT, TERMINATED),
    }
    for stage, history in stages.items():
        row = given(*history).row("projects", "p")
        assert (row.stage, row.since) == (stage, history[-1].day)


def test_the_file_shows_a_changed_project() -> None:
    longer = replace(RECAST, completion="2025-06-30")
    row = given(*TO_TRIAL, RESULT_PASSED, longer).row("projects", "p")
    assert (row.stage, row.content, row.completion) == ("filed", "建设学籍与教师系统", "2025-06-30")
    assert (row.techniques, row.result_passed, row.milestone) == (["云计算", "区块链"], None, "trial-run")
    returned = given(*TO_NOTICE, RETURNED, longer).row("projects", "p")
    assert (returned.stage, returned.budget) == ("returned", 0)


def test_objections_are_open_until_answered() -> None:
    raised = OpenObjection("o", "p", "2024-01-05", unit="rival", unit_grounds="重复建设")
    assert given(*TO_NOTICE, OBJECTED).row("open-objections", "o") == raised
    assert given(*TO_NOTICE, OBJECTED, ANSWERED).row("open-objections", "o") is None
    assert given(*TO_NOTICE, OBJECTED, UPHELD).row("open-objections", "o") is None
