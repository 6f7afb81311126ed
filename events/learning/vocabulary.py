"""Types that the whole context shares."""

from __future__ import annotations

from typing import Annotated, Literal

from events.event import Number, Personal, Tag, Told

Category = Literal["academic", "vocational", "culture-and-leisure"]
Sector = Literal["open", "community", "elderly", "enterprise"]
Result = Literal["distinction", "merit", "pass", "fail"]
SealedReason = Annotated[bytes, Personal(of="person", sent_as=Told)]
OutcomeKind = Literal["course", "qualification", "training", "experience", "self-study"]
CreditTransferId = Annotated[Number, Tag("credit-transfer")]
