"""The language of an answer, chosen by `Accept-Language` (RFC 9110, section 12.5.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from starlette.types import Scope

from events.labels.table import Language

_RANGE = re.compile(
    r"[ \t]*([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9-]*)?[ \t]*"
    r"(?:;[ \t]*q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)[ \t]*)?"
)


def language_of(scope: Scope) -> Language:
    """Return the language that a client prefers, English if that is none of ours; regions make no difference."""
    for _, name in sorted(_wished(scope), key=lambda each: -each[0]):
        match name:
            case "en" | "zh":
                return name
            case "*":
                break
    return "en"


def _wished(scope: Scope) -> Iterator[tuple[float, str]]:
    """Yield weight and language of each range of the header; a malformed one says nothing."""
    for name, value in scope["headers"]:
        if name == b"accept-language":
            for each in value.decode("latin-1").split(","):
                found = _RANGE.fullmatch(each)
                if found and (weight := float(found[2] or 1)):
                    yield weight, found[1].lower()


def negotiated(language: Language) -> Mapping[str, str]:
    """Return the headers of an answer that is chosen by language."""
    return {"content-language": language, "vary": "accept-language"}
