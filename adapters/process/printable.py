"""Values that others have sent, as they are shown on a terminal or in a log."""

from __future__ import annotations

import json
import unicodedata

_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's categories of what steers a terminal or the direction of its text, or breaks a line."""


def printable(text: str, kept: str = "") -> str:
    """Return the text with every control character, direction mark and line break as JSON's escape, but those `kept`.

    Text that is JSON stays JSON, of the same value.
    """
    if text.isprintable():
        return text
    return "".join(_shown(each) if each not in kept else each for each in text)


def _shown(character: str) -> str:
    if unicodedata.category(character) not in _UNSHOWN:
        return character
    return "\\u007f" if character == "\x7f" else json.dumps(character)[1:-1]
