"""Identity documents (证件): their kinds, and what is hashed of them."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Literal

from events.event import Hashed, Tag
from events.identity_number import modern
from events.patterns import TOLD_LINE, whole

DocumentKind = Literal[
    "resident-identity-card",
    "household-register",
    "birth-certificate",
    "passport",
    "hong-kong-macao-permit",
    "taiwan-permit",
    "permanent-resident-card",
]

Issuer = Annotated[str, whole("[A-Z]{2}", description="a country or region of ISO 3166-1, such as CN")]
ISSUER = "CN"
"""Who has issued a document whose issuer is null."""

SHARED: DocumentKind = "household-register"
"""A household register (户口簿) proves a relation and identifies nobody: a family has one, and twins show the same."""


def normal_form(number: str, kind: str, issuer: str | None) -> str:
    """Return what is hashed of a document: its kind, its issuer, and its number as letters and digits in upper case.

    An identity card of 15 digits is the same one in its form of 18. Raises ValueError if there is no such number.
    """
    plain = "".join(filter(_counts, unicodedata.normalize("NFKC", number).upper()))
    if not plain:
        raise ValueError("there is neither a letter nor a digit in this number")
    if kind == "resident-identity-card":
        found = modern(plain)
        if found is None:
            raise ValueError("no resident identity card has this number: a digit is wrong (GB 11643)")
        plain = found
    return f"{kind}\0{issuer or ISSUER}\0{plain}"


def _counts(character: str) -> bool:
    return unicodedata.category(character)[0] in "LN"


DocumentText = Annotated[str, whole(TOLD_LINE, least=1, most=64)]
RegisteredDocument = Annotated[
    DocumentText, Tag("document", hashed=Hashed(normal_form, ("document_kind", "issuer")))
]
DocumentNumber = Annotated[DocumentText, Tag("document", hashed=Hashed(normal_form, ("kind", "issuer")))]
