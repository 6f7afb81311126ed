"""Types that the whole context shares."""

from __future__ import annotations

from typing import Annotated, Literal

from events.event import District, Personal, Tag, Told

Stage = Literal[
    "kindergarten", "primary", "lower-secondary", "upper-secondary", "vocational", "special", "higher"
]
Post = Literal["teacher", "class-teacher", "principal", "deputy-principal", "support"]
DistrictId = Annotated[District, Tag("district")]
SealedReason = Annotated[bytes, Personal(of="person", sent_as=Told, retention="roll")]
