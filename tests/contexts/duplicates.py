"""A pupil who was entered on two rolls under two numbers, of which one entry ends as a duplicate before they are merged."""

from __future__ import annotations

from msgspec.structs import replace

from events.event import Event
from events.identity.persons import PersonsMerged
from events.roll.published import RollRulesPublished, StageTerms
from events.roll.pupils import StudentLeft
from events.roll.schools import SchoolRegistered
from streams.scenario import at
from tests.contexts.persons import registered
from tests.contexts.roll import ENROLLED, A

RULES = RollRulesPublished(
    since="2000-01-01",
    stages=[StageTerms(stage="primary", first_grade=1, last_grade=5, compulsory=True)],
    consent_working_days=10,
    leave_days=365,
)
B = SchoolRegistered(
    school="b", name="乙小学", district="e", stages=["primary"], occurred_at=at("2000-01-02")
)
TWICE = replace(ENROLLED, person="q", school="b", district="e", occurred_at=at("2020-10-01"))
"""The same child, entered again at another school under another number."""

DUPLICATE = StudentLeft(
    person="q",
    school="b",
    district="e",
    stage="primary",
    grade=1,
    reason="duplicate",
    occurred_at=at("2020-11-01"),
)
MERGED = PersonsMerged(merged="q", surviving="p", source="centre", id="m", occurred_at=at("2020-11-02"))
BEFORE: tuple[Event, ...] = (*registered("p", "q"), RULES, A, B)
ONE_CHILD: tuple[Event, ...] = (*BEFORE, ENROLLED, TWICE, DUPLICATE, MERGED)
