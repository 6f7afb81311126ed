"""Types that the whole context shares."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from events.event import Number, Tag

ProviderId = Annotated[Number, Tag("identity-provider")]
Attribute = Literal["name", "birth-date", "school", "grade", "class", "role", "appointment"]
Assurance = Annotated[
    int, Meta(ge=1, le=4, description="how certain the person's identity is: level 1 to 4 of ISO/IEC 29115")
]
Tier = Literal["municipality", "district", "school"]
