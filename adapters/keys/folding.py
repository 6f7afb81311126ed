"""The folding of texts for finding: spellings that people take for the same name are one text (docs/querying.md)."""

from __future__ import annotations

import unicodedata

VERSION = 2
"""A change of the folding needs another number: then the name index is built again, under another secret."""

_MIDDLE_DOTS = "•‧∙⋅・⸱᛫·."
"""What stands between the parts of a name such as 买买提·艾山: bullets, hyphenation points, and the full stop on keyboards."""
_DASHES = "‐‑‒–—―−"
_APOSTROPHES = "’‘ʼʻ`´"
_ONE_FOR_ALL = str.maketrans(
    dict.fromkeys(_MIDDLE_DOTS, "·") | dict.fromkeys(_DASHES, "-") | dict.fromkeys(_APOSTROPHES, "'")
)
_VARIATION_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0), range(0x180B, 0x1810))
_INVISIBLE = frozenset("\u034f\u115f\u1160\u3164\uffa0\u17b4\u17b5")
"""Characters that are seen as nothing, though Unicode counts them as letters or marks."""


def folded(text: str) -> str:
    """Return the folded text: equal for two texts that differ in width, case, spaces, middle dots or unseen characters.

    NFKC and case folding; then spaces, format characters (category Cf: byte-order mark, zero-width and bidirectional
    ones), controls and variation selectors are dropped, and dots, dashes and apostrophes become one of each.
    """
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    seen = "".join(each for each in plain.translate(_ONE_FOR_ALL) if not _dropped(each))
    # What was dropped may have stood between a letter and its accent.
    return unicodedata.normalize("NFKC", seen)


def _dropped(character: str) -> bool:
    if unicodedata.category(character) in ("Zs", "Zl", "Zp", "Cf", "Cc") or character in _INVISIBLE:
        return True
    return any(ord(character) in each for each in _VARIATION_SELECTORS)
