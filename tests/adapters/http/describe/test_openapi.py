"""The OpenAPI document: what generated clients and their authors read in it."""

from __future__ import annotations

from adapters.contracts.codes import rules_of
from adapters.http.describe import schemas
from events.catalogue import publishable


def test_each_event_has_the_rules_that_judge_it_with_their_codes() -> None:
    found = schemas.of_events()
    for name, cls in publishable().items():
        told = found[f"event.{name}"]["x-rules"]
        assert {each["rule"]: each["codes"] for each in told} == {
            each.rule: each.codes for each in rules_of(cls)
        }
    told = found["event.roll.StudentEnrolled"]["x-rules"]
    assert {"already-on-a-roll"} == {
        code for each in told if each["rule"] == "roll.one_live_entry" for code in each["codes"]
    }
