"""Hypothesis strategies for every event class, derived from its contract."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias, get_args, get_origin

from hypothesis import strategies as st
from msgspec import Struct

from events.clock import HOUR, start_of
from events.contract import Field, fields
from events.event import Event

Plain: TypeAlias = Callable[[Any, Field], st.SearchStrategy[Any]]
"""Returns the strategy for a field of a plain type."""

LONG = 2**63 - 1
FEW = st.sampled_from(("a", "a", "a", "b"))
NOON = start_of("2024-09-01") + 12 * HOUR


def events(cls: type[Event]) -> st.SearchStrategy[Any]:
    """Return a strategy for events of a class, with personal fields as sealed bytes, and an envelope."""
    return st.builds(
        cls,
        **{each.name: _field(each, _any) for each in fields(cls)},
        id=st.text(min_size=1, max_size=20),
        source=st.text(min_size=1, max_size=20),
        occurred_at=st.integers(0, LONG),
    )


def colliding(cls: type[Event]) -> st.SearchStrategy[Any]:
    """Return a strategy for events of a class with so few values that two events often have the same."""
    return st.builds(
        cls,
        **{each.name: _field(each, _few) for each in fields(cls)},
        occurred_at=st.sampled_from((NOON, NOON, NOON + HOUR, NOON + 24 * HOUR)),
    )


def _field(field: Field, plain: Plain) -> st.SearchStrategy[Any]:
    made = st.binary(max_size=60) if field.personal else _value(field.base, field, plain)
    return st.none() | made if field.optional else made


def _value(base: Any, field: Field, plain: Plain) -> st.SearchStrategy[Any]:
    if get_origin(base) is list:
        return st.lists(_value(get_args(base)[0], field, plain), max_size=4)
    if get_origin(base) is Literal:
        return plain(base, field)
    if isinstance(base, type) and issubclass(base, Struct):
        return st.builds(base, **{each.name: _field(each, plain) for each in fields(base)})
    return plain(base, field)


def _any(base: Any, field: Field) -> st.SearchStrategy[Any]:
    if get_origin(base) is Literal:
        return st.sampled_from(get_args(base))
    if base is int:
        return st.integers(*_bounds(field))
    if base is str:
        return st.dates().map(str) if field.calendar else st.text(min_size=1, max_size=30)
    return {bool: st.booleans(), float: st.floats(allow_nan=False), bytes: st.binary(max_size=40)}[base]


def _few(base: Any, field: Field) -> st.SearchStrategy[Any]:
    if get_origin(base) is Literal:
        return st.just(get_args(base)[0]) | st.sampled_from(get_args(base))
    if base is int:
        low, high = _bounds(field)
        return st.sampled_from([*range(max(low, 0), min(high, max(low, 0) + 3))])
    if base is str:
        return st.sampled_from(("2024-09-01", "2024-09-02")) if field.calendar else FEW
    return _any(base, field)


def _bounds(field: Field) -> tuple[int, int]:
    low = next((meta.ge for meta in field.meta if meta.ge is not None), -LONG)
    high = next((meta.le for meta in field.meta if meta.le is not None), LONG)
    return int(low), int(high)
