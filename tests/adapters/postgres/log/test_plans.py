"""The log's queries walk along their indexes, with plans made while the log was empty too."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.postgres.connections import connect
from adapters.postgres.log import queries
from adapters.postgres.log.log import PostgresLog

_HISTORY: dict[str, Any] = {"tags": [1], "places": [1], "afters": [0], "sets": ["{2}"], "upto": 9}
_WINDOW = _HISTORY | {"untils": [9], "begins": [0], "ends": [9]}
_LATE: dict[str, Any] = {"types": [2], "tag": 1, "time": 0, "place": 0, "after": 0, "upto": 9, "limit": 9}
_COUNTS: dict[str, Any] = {"tags": [1], "types": ["{2}"], "afters": [0], "most": 9}


@pytest.mark.parametrize(
    "query, values",
    [
        (queries.HISTORIES, _HISTORY),
        (queries.WINDOWS, _WINDOW),
        (queries.LATE, _LATE),
        (queries.COUNTS, _COUNTS),
    ],
    ids=["histories", "windows", "late", "counts"],
)
def test_each_walk_through_a_tag_is_bounded_by_its_types(
    database_url: str, query: str, values: dict[str, Any]
) -> None:
    """A generic plan is kept while the log grows to a tag with a million entries of other types."""
    PostgresLog(database_url).close()
    with connect(database_url) as connection:
        connection.execute("SET plan_cache_mode = force_generic_plan")
        ((found,),) = connection.execute(f"EXPLAIN (FORMAT JSON) {query}", values, prepare=True).fetchall()
    nodes = _nodes(found[0]["Plan"])
    walks = [each for each in nodes if str(each.get("Index Name", "")).startswith("tags_")]
    assert walks, nodes
    for each in walks:
        assert "tag = " in each["Index Cond"], each
        assert "type = " in each["Index Cond"], each


def _nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(inner for each in plan.get("Plans", ()) for inner in _nodes(each))]
