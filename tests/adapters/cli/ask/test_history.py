"""`pujiang history`."""

from __future__ import annotations

import json

from tests.adapters.cli.typed import Typed


def test_history_is_shown(typed: Typed) -> None:
    status, out, _ = typed("history", "--tag", "school:s", "--backwards", "--limit", "1", "--json")
    assert (status, json.loads(out)["data"]["name"]) == (0, "Second")
    status, out, _ = typed("history", "--tag", "school:s")
    assert "roll.SchoolRegistered from urn:test" in out
    assert typed("history", "--person", "nobody") == (0, "", "no events\n")
