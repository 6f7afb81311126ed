"""Cursors: where a page ended, as opaque text that the client sends back for the next page."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

import msgspec

from adapters.http.protocol.grammar import LARGEST_INTEGER, refuse
from adapters.postgres.serve.sql import Order
from adapters.postgres.serve.tables import Kind, LiveTable
from adapters.wire.bad_input import UNREADABLE

_PYTHON: dict[Kind, type] = {"text": str, "integer": int, "number": float, "boolean": bool}
_PARTS = len(("order", "last"))


def encode(value: Any) -> str:
    """Return a cursor that carries a value."""
    return urlsafe_b64encode(msgspec.json.encode(value)).rstrip(b"=").decode()


def decode(text: str) -> Any:
    """Return the value that a cursor carries, None if the text is no cursor."""
    try:
        return msgspec.json.decode(urlsafe_b64decode(text.encode() + b"=="))
    except (ValueError, *UNREADABLE):
        return None


def read_position(name: str, text: str) -> int:
    """Return the position that a cursor carries."""
    found = decode(text)
    if type(found) is not int or not 0 <= found <= LARGEST_INTEGER:
        refuse(name, "invalid cursor: use the value of `next`")
    return found


def encode_row(order: Order, last: Sequence[Any]) -> str:
    """Return the cursor of a page that ended with these values of the order's fields."""
    return encode([_spelled(order), last])


def read_row(live: LiveTable, order: Order, text: str) -> list[Any]:
    """Return the values of the order's fields with which a page ended."""
    carried = decode(text)
    if not (isinstance(carried, list) and len(carried) == _PARTS and carried[0] == _spelled(order)):
        refuse("cursor", "the cursor belongs to another query: use `next`, and repeat all other parameters")
    last = carried[1]
    if not (isinstance(last, list) and len(last) == len(order.fields)):
        refuse("cursor", "invalid cursor")
    for name, value in zip(order.names, last, strict=True):
        if value is not None and type(value) is not _PYTHON.get(live.columns[name]):
            refuse("cursor", "invalid cursor")
        if isinstance(value, str) and "\0" in value:
            refuse("cursor", "invalid cursor")
    return last


def _spelled(order: Order) -> list[str]:
    return [f"{'-' if falls else ''}{name}" for name, falls in order.fields]
