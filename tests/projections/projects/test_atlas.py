"""The nodes and edges of the public atlas."""

from __future__ import annotations

from msgspec.structs import replace

from events.event import Event
from projections.projects.atlas import AtlasEdge, AtlasNode
from streams.scenario import at, given
from tests.contexts.projects import (
    AS_RECAST,
    AWARDED,
    CHANGED,
    LINKED,
    POSTED,
    RECAST,
    RESUBMITTED,
    RETURNED,
    TERMINATED,
    TO_ACCEPTANCE,
    TO_APPROVAL,
    TO_CONTRACT,
    TO_NOTICE,
    UNLINKED,
)


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


def test_a_node_shows_the_status_of_the_project() -> None:
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


def test_edges_end_when_they_are_dropped() -> None:
    assert ("site", "www") not in edges(*TO_CONTRACT, LINKED, UNLINKED)
    changing = edges(*TO_CONTRACT, RECAST)
    assert ("technique", "大数据") not in changing
    assert ("technique", "区块链") not in changing
    assert ("technique", "区块链") in edges(*TO_CONTRACT, RECAST, AS_RECAST)


def test_a_second_notice_keeps_the_edges_it_repeats() -> None:
    history = given(*TO_NOTICE, RETURNED, RESUBMITTED, replace(POSTED, occurred_at=at("2024-01-22")))
    assert history.row("atlas-edges", "p", "unit", "u").since == "2024-01-04"
