"""A Hypothesis strategy for every event class, derived from its contract."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

from hypothesis import strategies as st
from msgspec import Struct

from events.contract import Field, fields
from events.event import Event

PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    float: st.floats(allow_nan=False),
    bytes: st.binary(max_size=40),
}
LONG = 2**63 - 1


def events(cls: type[Event]) -> st.SearchStrategy[Any]:
    """Return a strategy for events of a class, with personal fields as sealed bytes, and an envelope."""
    return st.builds(
        cls,
        **{each.name: _field(each) for each in fields(cls)},
        id=st.text(min_size=1, max_size=20),
        source=st.text(min_size=1, max_size=20),
        occurred_at=st.integers(0, LONG),
    )


def _field(field: Field) -> st.SearchStrategy[Any]:
    made = st.binary(max_size=60) if field.personal else _value(field.base, field)
    return st.none() | made if field.optional else made


def _value(base: Any, field: Field) -> st.SearchStrategy[Any]:
    if get_origin(base) is list:
        return st.lists(_value(get_args(base)[0], field), max_size=4)
    if get_origin(base) is Literal:
        return st.sampled_from(get_args(base))
    if isinstance(base, type) and issubclass(base, Struct):
        return st.builds(base, **{each.name: _field(each) for each in fields(base)})
    if base is int:
        low = next((meta.ge for meta in field.meta if meta.ge is not None), -LONG)
        high = next((meta.le for meta in field.meta if meta.le is not None), LONG)
        return st.integers(int(low), int(high))
    if base is str:
        return st.dates().map(str) if field.calendar else st.text(min_size=1, max_size=30)
    return PLAIN[base]
