"""Extension attributes of CloudEvents that are kept with an event, and their bytes in an entry.

    length  field, for each attribute, in order of the names
    1 + n   name, length and ASCII
    1 + n   value, length and UTF-8

`traceparent` is from the extension Distributed Tracing of CloudEvents (W3C Trace Context), `causationid` and
`correlationid` from its extension Correlation. They say where an event comes from; no rule and no row reads them.
"""

from __future__ import annotations

from collections.abc import Iterable

TRACE = "traceparent"
KEPT = ("causationid", "correlationid", TRACE)
"""The attributes that are kept, in order."""

MAX_BYTES = 1024
"""Most bytes of all of them in an entry: three values of the greatest length, and their names."""

LONGEST_VALUE = 255
"""Most bytes of a value: its length is stored in one byte."""

TRACE_FORM = r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"
"""The form of `traceparent`; one that is not of it is ignored (W3C Trace Context, 4.3)."""

Extensions = tuple[tuple[str, str], ...]
"""Names and values, in order of the names."""


def pack(extensions: Iterable[tuple[str, str]]) -> bytes:
    """Return the bytes of extensions. Raises ValueError if they are out of order, or too long."""
    parts = [(name.encode("ascii"), value.encode()) for name, value in extensions]
    packed = b"".join(
        b"%c%b%c%b" % (len(name), name, len(value), value)
        for name, value in parts
        if len(name) <= LONGEST_VALUE and len(value) <= LONGEST_VALUE
    )
    if unpack(packed) != tuple((name.decode(), value.decode()) for name, value in parts):
        raise ValueError(f"an extension has more than {LONGEST_VALUE} bytes")
    return packed


def unpack(packed: bytes) -> Extensions:
    """Return the extensions in these bytes. Raises ValueError if they are not of this form."""
    if len(packed) > MAX_BYTES:
        raise ValueError(f"the extensions have {len(packed)} bytes, more than {MAX_BYTES}")
    texts, at = list[str](), 0
    while at < len(packed):
        end = at + 1 + packed[at]
        texts.append(packed[at + 1 : end].decode())
        at = end
    names, values = texts[::2], texts[1::2]
    if at > len(packed) or len(names) != len(values):
        raise ValueError("the extensions are cut short")
    if any(not name.isascii() for name in names) or names != sorted(set(names)):
        raise ValueError("the extensions are out of order")
    return tuple(zip(names, values, strict=True))
