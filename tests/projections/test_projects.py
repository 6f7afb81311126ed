import msgspec
import pytest
from msgspec.structs import replace

from events.event import Event
from projections.projects.atlas import AtlasEdge, AtlasNode
from projections.projects.file import OpenObjection, ProjectFile
from projections.projects.register import PublicContract, PublicProject, SimilarProject
from streams.scenario import at, given
from tests.contexts.projects import (
    AMENDED,
    ANSWERED,
    APPROVED,
    AS_RECAST,
    AWARDED,
    CHANGED,
    CONFIRMED,
    EVALUATED,
    FILED,
    LINKED,
    OBJECTED,
    POSTED,
    PROPOSAL_PASSED,
    RECAST,
    RESUBMITTED,
    RESULT_PASSED,
    RETURNED,
    RULES,
    SPENT,
    STARTED,
    TERMINATED,
    TO_ACCEPTANCE,
    TO_APPROVAL,
    TO_CONTRACT,
    TO_NOTICE,
    TO_TRIAL,
    UNLINKED,
    UPHELD,
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


def test_the_file_of_a_project_tells_everything() -> None:
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


def test_the_file_shows_what_a_change_made_of_the_project() -> None:
    longer = replace(RECAST, completion="2025-06-30")
    row = given(*TO_TRIAL, RESULT_PASSED, longer).row("projects", "p")
    assert (row.stage, row.content, row.completion) == ("filed", "建设学籍与教师系统", "2025-06-30")
    assert (row.techniques, row.result_passed, row.milestone) == (["云计算", "区块链"], None, "trial-run")
    returned = given(*TO_NOTICE, RETURNED, longer).row("projects", "p")
    assert (returned.stage, returned.budget) == ("returned", 0)


def test_objections_are_open_until_answered() -> None:
    raised = OpenObjection("o", "p", "重复建设", "2024-01-05", unit="rival")
    assert given(*TO_NOTICE, OBJECTED).row("open-objections", "o") == raised
    assert given(*TO_NOTICE, OBJECTED, ANSWERED).row("open-objections", "o") is None
    assert given(*TO_NOTICE, OBJECTED, UPHELD).row("open-objections", "o") is None


def test_a_node_is_the_project_as_posted() -> None:
    posted = AtlasNode(
        "p",
        name="学籍系统",
        kind="build",
        unit="u",
        system="s",
        field="管理",
        techniques=["云计算", "大数据"],
        content="建设学籍系统",
        status="posted",
        since="2024-01-04",
    )
    assert given(*TO_NOTICE).row("atlas-nodes", "p") == posted
    awarded = given(*TO_CONTRACT, replace(AWARDED, contract="c-2")).row("atlas-nodes", "p")
    assert awarded == replace(posted, suppliers=["v"], status="approved", since="2024-01-15")
    changing = given(*TO_CONTRACT, RECAST).row("atlas-nodes", "p")
    assert (changing.status, changing.content) == ("changing", "建设学籍系统")
    recast = given(*TO_CONTRACT, RECAST, AS_RECAST).row("atlas-nodes", "p")
    assert (recast.status, recast.content, recast.techniques) == (
        "posted",
        "建设学籍与教师系统",
        ["云计算", "区块链"],
    )


def test_a_node_shows_how_the_project_stands() -> None:
    assert given(*TO_NOTICE, RETURNED).row("atlas-nodes", "p").status == "returned"
    assert given(*TO_APPROVAL, CHANGED).row("atlas-nodes", "p").status == "approved"
    assert given(*TO_ACCEPTANCE).row("atlas-nodes", "p").status == "accepted"
    assert given(*TO_CONTRACT, TERMINATED).row("atlas-nodes", "p").status == "terminated"


def edges(*history: Event) -> list[tuple[str, str]]:
    return [(row.relation, row.target) for row in given(*history).rows("atlas-edges")]


def test_edges_lead_to_all_that_projects_share() -> None:
    posted = [
        ("field", "管理"),
        ("system", "s"),
        ("technique", "云计算"),
        ("technique", "大数据"),
        ("unit", "u"),
    ]
    assert edges(*TO_NOTICE) == posted
    assert edges(*TO_CONTRACT, LINKED) == sorted(
        [*posted, ("supplier", "v"), ("dataset", "roll"), ("site", "www")]
    )
    supplier = given(*TO_CONTRACT).row("atlas-edges", "p", "supplier", "v")
    assert supplier == AtlasEdge("p", "supplier", "v", "浦江软件", "2024-02-01")


def test_edges_end_when_told() -> None:
    assert ("site", "www") not in edges(*TO_CONTRACT, LINKED, UNLINKED)
    changing = edges(*TO_CONTRACT, RECAST)
    assert ("technique", "大数据") not in changing
    assert ("technique", "区块链") not in changing
    assert ("technique", "区块链") in edges(*TO_CONTRACT, RECAST, AS_RECAST)


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


def test_a_notice_again_keeps_the_edges_it_tells_again() -> None:
    history = given(*TO_NOTICE, RETURNED, RESUBMITTED, replace(POSTED, occurred_at=at("2024-01-22")))
    assert history.row("atlas-edges", "p", "unit", "u").since == "2024-01-04"
