"""What holds for every read model."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from msgspec import defstruct

from events.roll.schools import SchoolClosed
from projections.catalogue import READ_MODELS
from projections.life_cycle import LifeCycle, Step
from projections.read_model import ReadModel
from projections.roll.schools import School


@pytest.mark.parametrize("model", READ_MODELS, ids=lambda each: each.name)
def test_it_can_be_sent_to_another_process(model: ReadModel[Any]) -> None:
    sent = pickle.loads(pickle.dumps(model))  # noqa: S301 - our own, just made
    assert (sent.name, sent.key, sent.fold.events) == (model.name, model.key, model.fold.events)


def test_parts_that_an_event_does_not_have_are_a_mistake() -> None:
    row = defstruct("Row", [("school", str), ("semester", str)])

    def evolve(row: Any, event: SchoolClosed) -> None:
        """Do nothing."""

    with pytest.raises(TypeError, match="semester"):
        ReadModel("rows", "school", row, evolve)


def test_a_life_cycle_names_fields_that_the_row_has() -> None:
    with pytest.raises(TypeError, match="ended"):
        LifeCycle(School, {SchoolClosed: Step("closed", day="ended")})
