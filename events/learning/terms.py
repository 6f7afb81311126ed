"""Words that the whole context shares."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

Category = Literal["academic", "vocational", "culture-and-leisure"]
Sector = Literal["open", "community", "elderly", "enterprise"]
Result = Literal["distinction", "merit", "pass", "fail"]
Percent = Annotated[int, Meta(ge=0, le=100)]
