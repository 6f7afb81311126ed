"""The faults of what a publisher has sent, all at once, each with a JSON pointer to its place."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from events.patterns import IN_WORDS, anchored

TOO_LARGE = "too-large"
BAD_REQUEST, CONTENT_TOO_LARGE = 400, 413

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""Everything that decoding JSON raises for bad input."""

_STEP = re.compile(r"\.([A-Za-z0-9_]+)|\[([0-9]+)\]")


class Fault(Struct, frozen=True):
    """One thing that is wrong: a code for machines, a sentence for people, a JSON pointer into the body."""

    code: str
    detail: str
    pointer: str = ""


class BadInput(Exception):
    """What was sent is wrong; nothing of it was recorded."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{each.pointer or 'body'}: {each.detail}" for each in faults[:3]))
        self.faults = faults

    def under(self, place: str) -> BadInput:
        """Return the same with `place` before every pointer."""
        return BadInput([Fault(each.code, each.detail, place + each.pointer) for each in self.faults])

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        large = all(each.code == TOO_LARGE for each in self.faults)
        return CONTENT_TOO_LARGE if large else BAD_REQUEST


def bad(code: str, detail: str, pointer: str = "") -> BadInput:
    """Return a BadInput with one fault."""
    return BadInput([Fault(code, detail, pointer)])


def unreadable(error: Exception, pointer: str = "") -> BadInput:
    """Return a BadInput for one of UNREADABLE, raised by decoding the JSON at `pointer`."""
    if isinstance(error, UnicodeDecodeError):
        return bad("malformed", "the text is not UTF-8", pointer)
    if isinstance(error, RecursionError):
        return bad("malformed", "the JSON is nested too deeply", pointer)
    sentence, _, path = str(error).partition(" - at `$")
    inside = "".join(f"/{name or index}" for name, index in _STEP.findall(path))
    code = "invalid" if isinstance(error, msgspec.ValidationError) else "malformed"
    return bad(code, _told(sentence), pointer + inside)


def _told(sentence: str) -> str:
    """Return msgspec's sentence, with words in place of a pattern that people cannot read."""
    found = (words for pattern, words in IN_WORDS.items() if sentence.endswith(repr(anchored(pattern))))
    return next((f"expected {words}" for words in found), sentence)
