"""Event types that read models declare `anytime` have the same effect at any place; the others of these models have not."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from events.event import Event
from projections.catalogue import READ_MODELS
from projections.read_model import Key, ReadModel, tag_values
from streams.history.refold import fold
from tests.logs.strategies import colliding

LONGEST = 5
"""Events beside the one that is moved: two may meet in a row, and others before, between and after them."""

Case = tuple[ReadModel[Any], type[Event]]
ANYTIME: list[Case] = [
    (model, each) for model in READ_MODELS for each in model.fold.events if each in model.anytime
]
BOUND: list[Case] = [
    (model, each)
    for model in READ_MODELS
    for each in model.fold.events
    if model.anytime and each not in model.anytime
]

Placed = tuple[list[Event], Event]


def placed(model: ReadModel[Any], cls: type[Event]) -> st.SearchStrategy[Placed]:
    """Make a history of a model's events, and one of a class to stand at any place in it."""
    one = st.one_of([colliding(each) for each in model.fold.events])
    return st.tuples(st.lists(one, min_size=1, max_size=LONGEST), colliding(cls))


def folded(model: ReadModel[Any], events: list[Event]) -> dict[Key, bytes]:
    """Return all rows of a history, as bytes."""
    rows: dict[Key, bytes] = {}
    for value in {value for each in events for value in tag_values(each, model.fold.tag)}:
        own = [each for each in events if value in tag_values(each, model.fold.tag)]
        found = fold(model, value, own)
        assert not found.held
        rows |= {
            key: msgspec.json.encode(line.row, order="deterministic") for key, line in found.lines.items()
        }
    return rows


def outcomes(model: ReadModel[Any], case: Placed) -> list[dict[Key, bytes]]:
    """Return the rows with the event at each place of the history."""
    history, moved = case
    places = range(len(history) + 1)
    return [folded(model, [*history[:place], moved, *history[place:]]) for place in places]


def named(case: object) -> str:
    return case.name if isinstance(case, ReadModel) else getattr(case, "__name__", "")


@pytest.mark.parametrize("model, cls", ANYTIME, ids=named)
def test_it_has_the_same_effect_at_any_place(model: ReadModel[Any], cls: type[Event]) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(placed(model, cls))
    def same(case: Placed) -> None:
        first, *others = outcomes(model, case)
        assert all(each == first for each in others)

    same()


@pytest.mark.parametrize("model, cls", BOUND, ids=named)
def test_others_depend_on_their_place(model: ReadModel[Any], cls: type[Event]) -> None:
    def apart(case: Placed) -> bool:
        first, *others = outcomes(model, case)
        return any(each != first for each in others)

    limits = settings(max_examples=3000, derandomize=True, database=None, phases=[Phase.generate])
    history, moved = find(placed(model, cls), apart, settings=limits)
    assert history
    assert isinstance(moved, cls)


def test_what_is_declared_is_what_the_fold_takes() -> None:
    assert {model.name for model, _ in ANYTIME} >= {"logins-by-provider", "head-counts", "courses"}
    assert all(model.anytime <= set(model.fold.events) for model in READ_MODELS)
