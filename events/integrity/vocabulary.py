"""Types that the whole context shares."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

Points = Annotated[int, Meta(ge=1, le=100, description="the weight of a breach, in points")]
HalfLife = Annotated[int, Meta(ge=1, le=3650, description="the days in which the remaining weight halves")]
EventType = Annotated[
    str,
    Meta(
        max_length=200,
        pattern=r"^[a-z]+\.[A-Z][A-Za-z]*$",
        description="an event type, such as identity.AccountUnlinked",
    ),
]
