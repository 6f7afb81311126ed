"""Types that the whole context shares."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from events.patterns import whole

Points = Annotated[int, Meta(ge=1, le=100, description="the weight of a breach, in points")]
HalfLife = Annotated[int, Meta(ge=1, le=3650, description="the days in which the remaining weight halves")]
EventType = Annotated[
    str,
    whole(r"[a-z]+\.[A-Z][A-Za-z]*", most=200, description="an event type, such as identity.AccountUnlinked"),
]
