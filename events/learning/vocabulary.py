"""Types that the whole context shares."""

from __future__ import annotations

from typing import Annotated, Literal

from events.event import Number, Tag

Category = Literal["academic", "vocational", "culture-and-leisure"]
Sector = Literal["open", "community", "elderly", "enterprise"]
Result = Literal["distinction", "merit", "pass", "fail"]
CreditTransferId = Annotated[Number, Tag("credit-transfer")]
