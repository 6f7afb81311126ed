"""No refusal of any scenario names somebody whom the proposed event does not name, or has a code that is not listed."""

from __future__ import annotations

import pytest

from adapters.contracts.codes import rules_of
from domain.rule import Refused
from events.event import Event
from streams.publish.judge import Judge, PreparedEvent
from streams.scenario import Decision, Scenario
from tests.contexts.names import others_named


@pytest.fixture(autouse=True)
def names_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    when = Scenario.when

    def checked(scenario: Scenario, proposed: Event) -> Decision:
        decision = when(scenario, proposed)
        refused = decision.refused_by
        if refused is not None:
            named = others_named(scenario.history.events, decision.proposed, refused.code)
            assert not named, f"{refused.rule} ({refused.code}) names {named}: {refused.sentence}"
        return decision

    monkeypatch.setattr(Scenario, "when", checked)


@pytest.fixture(autouse=True)
def gives_listed_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = Judge.refusal

    def checked(judge: Judge, prepared: PreparedEvent, *, dry_run: bool = False) -> Refused | None:
        refused = refusal(judge, prepared, dry_run=dry_run)
        if refused is not None:
            listed = {each.rule: each.codes for each in rules_of(type(prepared.event))}
            assert refused.code in listed[refused.rule], f"{refused.rule} gave {refused.code}: not listed"
        return refused

    monkeypatch.setattr(Judge, "refusal", checked)
