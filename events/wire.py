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
    sent = field.sent
    many = get_origin(sent.base) is list
    kind = _wire_item(get_args(sent.base)[0] if many else sent.base, sent)
    if many:
        kind = Annotated[list[kind], Meta(max_length=LONGEST_LIST)]  # type: ignore[valid-type]
    return kind | None if field.optional else kind


def _wire_item(base: Any, field: Field) -> Any:
    """Return the form of a field's value, or of each item of a list; the bounds of text do not apply to a date."""
    if field.calendar:
        return date
    if isinstance(base, type) and issubclass(base, Struct):
        return wire_type(base)
    for meta in field.meta if base in PLAIN else ():
        base = Annotated[base, meta]
    return base


def _wire_default(default: Any) -> Any:
    if isinstance(default, list):
        return msgspec.field(default_factory=list)
    return default
