r"""Patterns of text: each matches a whole text, in Python (`re`) and in JSON Schema (ECMA-262) alike.

`$` also matches before a line break at the end, and `\d`, `\w` and `\s` take the characters of every script: no pattern
of a field uses them.
"""

from __future__ import annotations

from msgspec import Meta

from events.uri import URI, URI_REFERENCE

_CONTROLS = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
_BLANKS = r" \xa0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff"

LINE = rf"[^{_CONTROLS}]*"
"""Text of one line: without control characters and line separators."""

TOLD_LINE = rf"[{_BLANKS}]*[^{_CONTROLS}{_BLANKS}][^{_CONTROLS}]*"
"""Text of one line that is not blank."""

LINES = r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*"
"""Text of several lines: no control characters but tabs and line breaks."""

TOLD_LINES = rf"[{_BLANKS}\t\n\r]*[^\x00-\x1f\x7f-\x9f{_BLANKS}][^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*"
"""Text of several lines that is not blank."""

IDENTIFIER = r"[A-Za-z0-9][A-Za-z0-9._:-]*"
"""The number or code of a thing."""

IN_WORDS = {
    LINE: "one line, without control characters",
    TOLD_LINE: "one line, not blank, without control characters",
    LINES: "text without control characters other than tabs and line breaks",
    TOLD_LINES: "text that is not blank, without control characters other than tabs and line breaks",
    IDENTIFIER: "an identifier: letters, digits and `.` `_` `:` `-`",
    URI: "a URI (RFC 3986), in which all beyond ASCII is percent-encoded",
    URI_REFERENCE: "a URI or a reference to one (RFC 3986), in which all beyond ASCII is percent-encoded",
}
"""What patterns mean that people cannot read at a glance."""


def anchored(pattern: str) -> str:
    """Return a pattern for `re` that matches whole texts only."""
    return rf"\A(?:{pattern})\Z"


def ecma(pattern: str) -> str:
    """Return the same pattern for JSON Schema, which has other anchors."""
    return f"^(?:{pattern})$"


def whole(
    pattern: str, *, least: int | None = None, most: int | None = None, description: str | None = None
) -> Meta:
    """Return the constraint that the whole of a text matches a pattern, and has `least` to `most` characters."""
    return Meta(
        pattern=anchored(pattern),
        min_length=least,
        max_length=most,
        description=description,
    )


def in_words(anchored_pattern: str) -> str:
    """Return what matches an anchored pattern, in words or else as the pattern without its anchors."""
    pattern = without_anchors(anchored_pattern)
    return IN_WORDS.get(pattern, f"matches `{pattern}`")


def without_anchors(anchored_pattern: str) -> str:
    """Return what `anchored` was given."""
    return anchored_pattern.removeprefix(r"\A(?:").removesuffix(r")\Z")
