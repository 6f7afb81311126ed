"""Systems, their use and their cost."""

from __future__ import annotations

from msgspec.structs import replace

from projections.projects.systems import System, SystemMonth
from streams.scenario import at, given
from tests.contexts.projects import (
    ACCEPTED,
    FILED,
    RETIRED,
    SPENT,
    SUCCESSOR,
    TERMINATED,
    TO_ACCEPTANCE,
    USED,
)


def test_systems_go_from_plan_to_retirement() -> None:
    assert given(FILED).row("systems", "s") == System("s", "u", "planned", ["p"])
    assert given(FILED, replace(TERMINATED, suppliers=[])).row("systems", "s").projects == []
    history = given(*TO_ACCEPTANCE, SPENT, USED, *SUCCESSOR, RETIRED)
    assert history.row("systems", "s") == System(
        "s",
        "u",
        "retired",
        ["p"],
        in_service_since="2024-08-01",
        retired="2026-01-01",
        successor="s2",
        spent=300_000,
        visits=2_000,
        months=1,
        last_month="2024-08",
    )
    successor = history.row("systems", "s2")
    assert (successor.status, successor.predecessors) == ("in-service", ["s"])


def test_an_upgrade_does_not_bring_a_retired_system_back() -> None:
    late = replace(ACCEPTED, project="z", occurred_at=at("2026-02-01"))
    assert given(*TO_ACCEPTANCE, RETIRED, late).row("systems", "s").status == "retired"


def test_months_hold_use_beside_cost() -> None:
    in_august = replace(SPENT, occurred_at=at("2024-08-20"))
    history = given(SPENT, in_august, replace(in_august, amount=1), USED)
    assert history.rows("system-months") == [
        SystemMonth("s", "2024-02", spent=300_000),
        SystemMonth("s", "2024-08", 100, 2_000, 300_001),
    ]


def test_a_late_report_does_not_turn_back_the_last_month() -> None:
    late = replace(USED, month="2024-07")
    row = given(USED, late).row("systems", "s")
    assert (row.last_month, row.months, row.visits) == ("2024-08", 2, 4_000)
