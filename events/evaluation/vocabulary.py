"""Types that the whole context shares."""

from __future__ import annotations

from typing import Annotated, Literal

from events.event import Number, Personal, Tag, Told
from events.patterns import whole

Semester = Annotated[
    str, whole("20[0-9]{2}-(autumn|spring)", description="a semester (学期), such as 2024-autumn")
]
Dimension = Literal[
    "morality-and-citizenship", "courses-and-results", "health-and-arts", "innovation-and-practice"
]
EntryKind = Literal[
    "moral-conduct",
    "coursework",
    "academic-result",
    "physical-health",
    "mental-health",
    "arts",
    "innovation",
    "social-practice",
    "student-card",
    "growth-record",
    "research-study",
    "sport-competition",
    "health-competition",
    "arts-competition",
    "technology-competition",
    "defence-competition",
    "literacy-assessment",
]
Enterer = Literal[
    "pupil", "guardian", "teacher", "school", "practice-base", "organiser", "examination-authority", "system"
]
PracticeKind = Literal["social-investigation", "public-service", "vocational-experience", "safety-training"]
ReceiverId = Annotated[Number, Tag("receiver")]
EntryId = Annotated[Number, Tag("entry")]
Sealed = Annotated[bytes, Personal(of="person", sent_as=Told)]
