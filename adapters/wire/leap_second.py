"""Leap seconds (RFC 3339, 5.7): `23:59:60` UTC on 30 June or 31 December, which no `datetime` can hold."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_TIME = r"([0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}):60(?:\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
_ALONE = re.compile(_TIME)
_MEMBER = re.compile(rb'("time"\s*:\s*")' + _TIME.encode() + rb'"')
_ENDS = ((6, 30), (12, 31))


def held(time: str) -> str:
    """Return a valid leap second as the last microsecond before it ends its day, and any other text as it is."""
    found = _ALONE.fullmatch(time)
    return _last_microsecond(*found.groups()) or time if found else time


def held_in(body: bytes) -> bytes:
    """Return JSON in which `time` is no valid leap second."""
    return _MEMBER.sub(_replaced, body) if b":60" in body else body


def _replaced(found: re.Match[bytes]) -> bytes:
    told = _last_microsecond(found[2].decode(), found[3].decode())
    return found[1] + told.encode() + b'"' if told else found[0]


def _last_microsecond(minute: str, offset: str) -> str | None:
    try:
        start = datetime.fromisoformat(f"{minute}:00{offset}".upper())
        utc = start - (start.utcoffset() or timedelta())
    except (ValueError, OverflowError):
        return None
    if (utc.hour, utc.minute) != (23, 59) or (utc.month, utc.day) not in _ENDS:
        return None
    return f"{minute}:59.999999{offset}"
