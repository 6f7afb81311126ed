"""What publishers send: Hypothesis strategies for the data of every event class, read from its contract."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

from hypothesis import strategies as st
from msgspec import Meta, Struct

from events.contract import Field, fields
from events.wire import LONGEST_LIST

TEXT = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
NUMBER = st.sampled_from("abc") | st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,20}", fullmatch=True)
"""Mostly few, so that events meet."""


def data(cls: type[Struct]) -> st.SearchStrategy[dict[str, Any]]:
    """Make the data of an event as it is sent: personal fields clear, optional ones sometimes absent."""
    needed = {each.name: _field(each) for each in fields(cls) if each.required}
    more = {each.name: _field(each) for each in fields(cls) if not each.required}
    return st.fixed_dictionaries(needed, optional=more)


def _field(field: Field) -> st.SearchStrategy[Any]:
    made: st.SearchStrategy[Any]
    if field.personal:
        made = _text(field.meta)
    elif get_origin(field.base) is list:
        made = st.lists(_value(get_args(field.base)[0], field), max_size=min(3, LONGEST_LIST))
    else:
        made = _value(field.base, field)
    return st.none() | made if field.optional else made


def _value(kind: Any, field: Field) -> st.SearchStrategy[Any]:
    if field.calendar:
        return st.sampled_from(["1900-01-01", "1999-12-31", "2024-02-29", "2024-09-01", "2199-12-31"])
    if get_origin(kind) is Literal:
        return st.sampled_from(get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Struct):
        return data(kind)
    if kind is str:
        return _text(field.meta)
    if kind is int:
        low = max((each.ge for each in field.meta if each.ge is not None), default=-(2**63))
        high = min((each.le for each in field.meta if each.le is not None), default=2**63 - 1)
        return st.integers(int(low), int(high))
    return st.booleans() if kind is bool else st.floats(allow_nan=False, allow_infinity=False)


def _text(meta: tuple[Meta, ...]) -> st.SearchStrategy[str]:
    patterns = [each.pattern for each in meta if each.pattern]
    if patterns and "A-Za-z0-9._" in patterns[-1]:
        return NUMBER
    if patterns:
        return st.from_regex(patterns[-1], fullmatch=True)
    least = max((each.min_length for each in meta if each.min_length), default=0)
    most = min((each.max_length for each in meta if each.max_length), default=50)
    return st.text(TEXT, min_size=least, max_size=min(most, least + 50))
