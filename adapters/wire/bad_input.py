"""What is wrong with what a publisher sent, and where: told all at once, as JSON pointers."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec
from msgspec import Struct

TOO_LARGE = "too-large"
BAD_REQUEST, CONTENT_TOO_LARGE = 400, 413

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""All that reading JSON raises for input that is not as it should be."""

_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")


class Fault(Struct, frozen=True):
    """One thing that is wrong: a code for machines, a sentence for people, a JSON pointer into the body."""

    code: str
    detail: str
    pointer: str = ""


class BadInput(Exception):
    """What was sent cannot be taken; nothing of it was written."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{each.pointer or 'body'}: {each.detail}" for each in faults[:3]))
        self.faults = faults

    def under(self, place: str) -> BadInput:
        """Return the same, seen from further out: every pointer behind `place`."""
        return BadInput([Fault(each.code, each.detail, place + each.pointer) for each in self.faults])

    @property
    def status(self) -> int:
        """The HTTP status that fits."""
        large = all(each.code == TOO_LARGE for each in self.faults)
        return CONTENT_TOO_LARGE if large else BAD_REQUEST


def bad(code: str, detail: str, pointer: str = "") -> BadInput:
    """Make a BadInput of one fault."""
    return BadInput([Fault(code, detail, pointer)])


def unreadable(error: Exception, pointer: str = "") -> BadInput:
    """Make a BadInput of what reading JSON at `pointer` raised, one of UNREADABLE."""
    if isinstance(error, UnicodeDecodeError):
        return bad("malformed", "the text is not UTF-8", pointer)
    if isinstance(error, RecursionError):
        return bad("malformed", "the JSON is nested too deeply", pointer)
    sentence, _, path = str(error).partition(" - at `$")
    inside = "".join(f"/{name or index}" for name, index in _STEP.findall(path))
    code = "invalid" if isinstance(error, msgspec.ValidationError) else "malformed"
    return bad(code, sentence, pointer + inside)


def without_nul(value: object, pointer: str = "") -> None:
    """Raise BadInput where a text has the character NUL, which PostgreSQL cannot keep."""
    if isinstance(value, str) and "\0" in value:
        raise bad("invalid", "the text has the character NUL", pointer)
    if isinstance(value, list):
        for index, item in enumerate(value):
            without_nul(item, f"{pointer}/{index}")
    if isinstance(value, dict):
        for name, item in value.items():
            without_nul(item, f"{pointer}/{name}")
