"""What holds for every read model."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from msgspec import defstruct

from events.event import Event
from events.roll.pupils import StudentEnrolled
from events.roll.schools import SchoolClosed, SchoolRegistered
from projections.catalogue import READ_MODELS
from projections.life_cycle import LifeCycle, Step
from projections.read_model import Key, ReadModel
from projections.roll.schools import School
from streams.project.row_cache import keys_of
from tests.contexts.roll import ENROLLED, MOVED, PROMOTED


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


def test_only_what_the_fold_takes_can_be_taken_anytime() -> None:
    row = defstruct("Row", [("school", str)])

    def evolve(row: Any, event: SchoolClosed) -> None:
        """Do nothing."""

    with pytest.raises(TypeError, match="SchoolRegistered"):
        ReadModel("rows", "school", row, evolve, anytime=(SchoolClosed, SchoolRegistered))


def test_rows_by_value_are_not_for_tags_with_aliases() -> None:
    row = defstruct("Row", [("person", str), ("grade", int)])

    def evolve(row: Any, event: StudentEnrolled) -> None:
        """Do nothing."""

    with pytest.raises(TypeError, match="aliases"):
        ReadModel("rows", "person", row, evolve, parts_of=lambda event, _: [(event.grade,)])


@pytest.mark.parametrize(
    "name, first, second",
    [
        ("head-counts", ("a", "d", "primary", 1, "2021-03-20"), ("b", "e", "primary", 1, "2021-03-20")),
        ("pupil-teacher-changes", ("a", "d", "2021-03-20"), ("b", "e", "2021-03-20")),
    ],
)
def test_a_transfer_changes_one_row_of_each_school(name: str, first: Key, second: Key) -> None:
    found = next(each for each in READ_MODELS if each.name == name)
    assert found.keys(MOVED) == [first, second]
    assert found.keys_of("b", MOVED) == [second]


def test_a_life_cycle_names_fields_that_the_row_has() -> None:
    with pytest.raises(TypeError, match="ended"):
        LifeCycle(School, {SchoolClosed: Step("closed", day="ended")})


@pytest.mark.parametrize("event", [ENROLLED, MOVED, PROMOTED])
def test_keys_are_found_fast_as_the_model_says(event: Event) -> None:
    for model in READ_MODELS:
        if isinstance(event, model.fold.events):
            assert [*keys_of(model, type(event))(event)] == model.keys(event)
