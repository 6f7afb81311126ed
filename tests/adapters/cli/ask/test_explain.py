"""`pujiang explain`."""

from __future__ import annotations

import json

from tests.adapters.cli.typed import Typed


def test_a_row_is_explained_as_of_a_time(typed: Typed) -> None:
    now, then = (
        json.loads(typed("explain", "schools", "s", "--json", *more)[1])["fields"]["name"]
        for more in ((), ("--true-at", "2024-12-31"))
    )
    assert (now["value"], now["set_by"]["position"]) == ("Second", 2)
    assert (then["value"], then["set_by"]["position"]) == ("First", 1)
    assert "roll.SchoolDetailsChanged at 2" in typed("explain", "schools", "s")[1]
    for option in ("--true-at", "--known-at"):
        status, _, error = typed("explain", "schools", "s", option, "2023-12-31")
        assert (status, error) == (1, "pujiang: schools had no row s then\n")


def test_a_value_is_shown_as_json(typed: Typed) -> None:
    out = typed("explain", "schools", "s")[1]
    assert '["primary"]' in out
    assert " null " in out
    assert '"Second"' in out
