"""No refusal of any scenario names somebody whom the proposed event does not name."""

from __future__ import annotations

import pytest

from events.event import Event
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
