"""What publishers send: Hypothesis strategies for the data of every event class, read from its contract."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
from hypothesis import strategies as st
from msgspec import Meta, Struct

from events.contract import Field, fields
from events.patterns import IDENTIFIER, LINE, LINES, TOLD_LINE, TOLD_LINES, anchored
from events.wire import LONGEST_LIST

TEXT = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
NUMBER = st.sampled_from("abc") | st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,20}", fullmatch=True)
"""Mostly few, so that events meet."""


def data(cls: type[Struct]) -> st.SearchStrategy[dict[str, Any]]:
    """Make the data of an event as it is sent: personal fields clear, optional ones sometimes absent."""
    needed = {each.name: _field(each) for each in fields(cls) if each.required}
    more = {each.name: _field(each) for each in fields(cls) if not each.required}
    return st.fixed_dictionaries(needed, optional=more).map(lambda made: _agreeing(cls, made))


def _agreeing(cls: type[Struct], made: dict[str, Any]) -> dict[str, Any]:
    """Return data without a year that is not that of its date, and without personal data of nobody."""
    years = [(each.name, each.year_of.field) for each in fields(cls) if each.year_of]
    wrong = {year for year, day in years if made.get(year) and str(made[year]) != (made.get(day) or "")[:4]}
    owned = [(each.name, each.personal.of) for each in fields(cls) if each.personal and each.optional]
    wrong |= {name for name, owner in owned if made.get(owner) is None}
    return {name: value for name, value in made.items() if name not in wrong}


def _field(field: Field) -> st.SearchStrategy[Any]:
    field = field.sent
    made: st.SearchStrategy[Any]
    if get_origin(field.base) is list:
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
        return st.sampled_from(CARDS) if field.tag and field.tag.hashed else _text(field.meta)
    if kind is int:
        low = max((each.ge for each in field.meta if each.ge is not None), default=-(2**63))
        high = min((each.le for each in field.meta if each.le is not None), default=2**63 - 1)
        return st.integers(int(low), int(high))
    return st.booleans() if kind is bool else st.floats(allow_nan=False, allow_infinity=False)


def _text(meta: tuple[Meta, ...]) -> st.SearchStrategy[str]:
    patterns = [each.pattern for each in meta if each.pattern]
    if patterns and patterns[-1] == anchored(IDENTIFIER):
        return NUMBER
    least = max((each.min_length for each in meta if each.min_length), default=0)
    most = min((each.max_length for each in meta if each.max_length), default=50)
    text = st.text(TEXT, min_size=least, max_size=min(most, least + 50))
    if not patterns:
        return text
    if patterns[-1] in map(anchored, (LINE, TOLD_LINE, LINES, TOLD_LINES)):
        return text.filter(lambda made: re.search(patterns[-1], made))
    return st.from_regex(patterns[-1], fullmatch=True)


CARDS = ("11010519491231002X", "110105491231002", "１１０１０５１９４９１２３１００２Ｘ")
"""One identity card, which is right as any other document too."""
SAMPLES = ("CN", "n-1", "310101", "2024-autumn", "2024-09", "identity.LoginSucceeded", "person:p-1")


def fits(field: Field, text: str) -> bool:
    """Return whether a text is one that a field takes, as far as the field alone can say."""
    try:
        msgspec.convert(text, wire_base(field))
    except msgspec.ValidationError:
        return False
    return True


def wire_base(field: Field) -> Any:
    """Return the type of a text field, or of each item of a list of texts, as it is sent."""
    kind: Any = str
    for meta in field.meta:
        kind = Annotated[kind, meta]
    return kind


def plain(cls: type[Struct]) -> dict[str, Any]:
    """Return data with a value in every field, and one item in every list."""
    return {each.name: _plain(each) for each in fields(cls)}


def _plain(field: Field) -> Any:
    field = field.sent
    many = get_origin(field.base) is list
    kind = get_args(field.base)[0] if many else field.base
    if field.calendar:
        made: Any = "2024-09-01"
    elif field.year_of:
        made = 2024
    elif field.tag and field.tag.hashed:
        made = CARDS[0]
    elif get_origin(kind) is Literal:
        made = get_args(kind)[0]
    elif isinstance(kind, type) and issubclass(kind, Struct):
        made = plain(kind)
    elif kind is str:
        made = next(each for each in SAMPLES if fits(field, each))
    elif kind is bool:
        made = False
    else:
        made = max((each.ge for each in field.meta if each.ge is not None), default=1)
    return [made] if many else made


def text_fields(cls: type[Struct], inside: str = "") -> Iterator[tuple[str, Field]]:
    """Give the fields of `plain(cls)` that are text of any kind, each with the JSON pointer to its one value."""
    for each in (field.sent for field in fields(cls)):
        many = get_origin(each.base) is list
        kind = get_args(each.base)[0] if many else each.base
        place = f"{inside}/{each.name}" + ("/0" if many else "")
        if isinstance(kind, type) and issubclass(kind, Struct):
            yield from text_fields(kind, place)
        elif kind is str and not each.calendar:
            yield place, each
