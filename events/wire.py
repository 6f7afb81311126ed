"""The wire form of an event class: the data that a publisher sends, before the door seals it."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Annotated, Any, get_args, get_origin

import msgspec
from msgspec import Meta, Struct

from events.contract import PLAIN, Field, fields

LONGEST_LIST = 1000
"""Most items of a list: a thousand identifiers of 64 characters just fit into an entry. Longer data is sent in parts."""


@cache
def wire_type(cls: type[Struct]) -> type[Struct]:
    """Return the form that a publisher sends: personal fields as text, dates checked, unknown fields rejected."""
    made = [
        (each.name, _wire_field(each))
        if each.required
        else (each.name, _wire_field(each), _wire_default(each.default))
        for each in fields(cls)
    ]
    return msgspec.defstruct(f"{cls.__name__}Data", made, forbid_unknown_fields=True, kw_only=True)


def _wire_field(field: Field) -> Any:
    if field.personal:
        kind: Any = str
    elif field.calendar:
        kind = list[date] if get_origin(field.base) is list else date
    else:
        kind = _wire_base(field.base)
    for meta in field.meta:
        # In a list, bounds apply to each item; bounds of text do not apply to a date.
        if kind in PLAIN:
            kind = Annotated[kind, meta]
        elif get_origin(kind) is list and field.base.__args__[0] in PLAIN and not field.calendar:
            kind = list[Annotated[get_args(kind)[0], meta]]  # type: ignore[misc]
    if get_origin(kind) is list:
        kind = Annotated[kind, Meta(max_length=LONGEST_LIST)]
    return kind | None if field.optional else kind


def _wire_base(base: Any) -> Any:
    if get_origin(base) is list:
        return list[_wire_base(get_args(base)[0])]  # type: ignore[misc]
    if isinstance(base, type) and issubclass(base, Struct):
        return wire_type(base)
    return base


def _wire_default(default: Any) -> Any:
    if isinstance(default, list):
        return msgspec.field(default_factory=list)
    return default
