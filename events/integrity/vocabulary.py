"""Words that the whole context shares."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

Points = Annotated[int, Meta(ge=1, le=100, description="weight of a conduct, in points")]
HalfLife = Annotated[int, Meta(ge=1, le=3650, description="days in which what is left of a weight halves")]
EventType = Annotated[
    str,
    Meta(
        max_length=200,
        pattern=r"^[a-z]+\.[A-Z][A-Za-z]*$",
        description="the type of an event, security.IncidentReported",
    ),
]
