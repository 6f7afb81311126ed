"""The members of JSON objects: no name stands twice, since readers would not agree on what it says (RFC 8259, 4)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from adapters.wire.bad_input import UNREADABLE, BadInput, Fault, unreadable

_DIGITS = 20
"""Numbers with at least this many digits become floats here: Python refuses integers of several thousand digits."""


class _Twice(Exception):
    """A name stands twice in an object."""


class _Members(list[tuple[str, Any]]):
    """The members of an object, in order."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Twice
    return found


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) < _DIGITS else float(digits)


_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"')

_plain = json.JSONDecoder(object_pairs_hook=_once, parse_int=_whole).decode
_in_order = json.JSONDecoder(object_pairs_hook=_Members, parse_int=_whole).decode


def members(text: bytes, place: str = "") -> Any:
    """Return JSON as plain values. Raises BadInput for names that stand twice, and ValueError if it is not JSON.

    Outside of texts there is a colon for each member: where an object has as many, no name stands twice. Counting them
    takes a third of the time of reading in order.
    """
    try:
        value = msgspec.json.decode(text)
        if _TEXT.sub(b"", text).count(b":") == _count(value):
            return value
    except (*UNREADABLE, RecursionError):
        pass  # whatever is wrong is found, and told, below
    try:
        return _plain(text.decode())
    except _Twice:
        raise BadInput(list(_repeated(_in_order(text.decode()), place))) from None
    except RecursionError as error:
        raise unreadable(error, place) from error


def _count(value: Any) -> int:
    """Return the number of members of all objects in a value."""
    if isinstance(value, dict):
        return len(value) + sum(_count(each) for each in value.values() if isinstance(each, dict | list))
    if isinstance(value, list):
        return sum(map(_count, value))
    return 0


def repeated(text: bytes, place: str = "") -> Sequence[Fault]:
    """Return the faults of names that stand twice; none of what is not JSON, which its contract tells."""
    try:
        members(text, place)
    except BadInput as error:
        return error.faults
    except ValueError:
        return ()
    return ()


def _repeated(value: Any, place: str) -> Iterator[Fault]:
    if isinstance(value, _Members):
        seen = set[str]()
        for name, inner in value:
            if name in seen:
                yield Fault("invalid", f"the name `{name}` stands twice in its object", f"{place}/{name}")
            seen.add(name)
            yield from _repeated(inner, f"{place}/{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _repeated(item, f"{place}/{index}")
