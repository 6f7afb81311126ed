"""Everything that is wrong with a value in JSON: decoding stops at the first fault."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import Raw, Struct

from adapters.wire.bad_input import Fault, unreadable

MOST = 100
"""The most faults that are reported for one value: a list of a million wrong numbers needs no million sentences."""


def all_faults(value: Any, kind: Any, pointer: str = "") -> Sequence[Fault]:
    """Return the first faults of a decoded value that is to be of a type; each pointer begins with `pointer`."""
    return list(islice(_faults(value, kind, pointer), MOST))


def _faults(value: Any, kind: Any, pointer: str) -> Iterator[Fault]:
    plain, found = _plain(kind), False
    if plain is Raw:
        return
    for fault in _inside(value, plain, pointer):
        found = True
        yield fault
    if found or (isinstance(plain, type) and issubclass(plain, Struct) and isinstance(value, dict)):
        return
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        yield from unreadable(error, pointer).faults


def _inside(value: Any, kind: Any, pointer: str) -> Iterator[Fault]:
    if isinstance(value, list) and get_origin(kind) is list:
        for index, item in enumerate(value):
            yield from _faults(item, get_args(kind)[0], f"{pointer}/{index}")
    elif isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, Struct):
        known = {each.encode_name: each for each in msgspec.structs.fields(kind)}
        for name, each in known.items():
            if name in value:
                yield from _faults(value[name], each.type, f"{pointer}/{name}")
            elif each.required:
                yield Fault("invalid", f"Object missing required field `{name}`", pointer)
        if kind.__struct_config__.forbid_unknown_fields:
            for name in value.keys() - known.keys():
                yield Fault("invalid", f"Object contains unknown field `{name}`", pointer)


def _plain(kind: Any) -> Any:
    """Return a type without its bounds, and without null."""
    if get_origin(kind) is Annotated:
        return _plain(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        others = [each for each in get_args(kind) if each is not NoneType]
        return _plain(others[0]) if len(others) == 1 else kind
    return kind
