"""No date lies before what it follows: each date in an event has a rule, or a reason why any date will do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin

import pytest
from msgspec import Struct
from msgspec.structs import replace

from events.catalogue import names
from events.contract import fields
from events.evaluation.practice import ActivityOpened, AttendanceRevoked
from events.evaluation.published import RecordingWindowSet, UsePolicyPublished
from events.event import Event
from events.identity.erasure import Kept
from events.learning.courses import CourseOffered, CourseSharingAgreed
from events.learning.published import CreditTransferRulePublished, RecognitionStandardPublished
from streams.scenario import at, given
from tests.contexts import evaluation as ev
from tests.contexts import identity, integrity, learning, projects, roll
from tests.contexts.duplicates import BEFORE
from tests.contexts.persons import registered

Case = tuple[tuple[Event, ...], Event, str]
"""A history, an event with a date before what it follows, and the code that refuses it."""

some, bank = ev.some, learning.some
DATA = "no rule data is for the past: tests/domain/test_rule_data.py holds that for all of them"
OF_ITS_YEAR = "any day of the year that the notice is about"

DATES: Mapping[str, Case | str] = {
    "identity.PersonErased kept.until": (
        (*identity.FEDERATION, identity.LOGIN, identity.REQUESTED),
        replace(identity.ERASED, kept=[Kept("login", "law", "2024-06-07")]),
        "kept-until-past",
    ),
    "calendar.WorkingDaysPublished since": DATA,
    "calendar.WorkingDaysPublished holidays": OF_ITS_YEAR,
    "calendar.WorkingDaysPublished extra_working_days": OF_ITS_YEAR,
    "identity.IdentityRulesPublished since": DATA,
    "roll.RollRulesPublished since": DATA,
    "roll.RollRulesPublished gate": "a gate before the first day of its rules opens with them",
    "roll.StudentLeaveStarted until": (
        (*BEFORE, roll.ENROLLED),
        replace(roll.ON_LEAVE, until="2021-02-01"),
        "leave-too-long",
    ),
    "roll.QualificationAwarded awarded": (
        tuple(registered("t")),
        replace(roll.QUALIFIED, awarded="2010-06-03"),
        "awarded-later",
    ),
    "evaluation.EvaluationTermsPublished since": DATA,
    "evaluation.RecordingWindowSet opens": (
        tuple(ev.CITY),
        some(RecordingWindowSet, "2024-12-20", opens="2024-12-15"),
        "window-has-opened",
    ),
    "evaluation.RecordingWindowSet closes": (
        (),
        some(RecordingWindowSet, closes="2024-12-15"),
        "closes-before-it-opens",
    ),
    "evaluation.UsePolicyPublished since": DATA,
    "evaluation.UsePolicyPublished until": (
        (),
        some(UsePolicyPublished, until="2020-01-01"),
        "ends-before-it-begins",
    ),
    "evaluation.ActivityOpened starts": "an activity may be opened to pupils while it goes on",
    "evaluation.ActivityOpened ends": (
        tuple(ev.OPENED),
        some(ActivityOpened, "2024-11-01", activity="a-2"),
        "activity-over",
    ),
    "evaluation.AttendanceRevoked attended": (
        tuple(ev.ATTENDED),
        some(AttendanceRevoked, "2024-10-04"),
        "attended-later",
    ),
    "learning.CreditTermsPublished since": DATA,
    "learning.RecognitionStandardPublished since": DATA,
    "learning.RecognitionStandardPublished until": (
        tuple(learning.BANK),
        bank(RecognitionStandardPublished, standard="st-2", until="2020-01-31"),
        "ends-before-it-begins",
    ),
    "learning.CreditTransferRulePublished since": DATA,
    "learning.CreditTransferRulePublished until": (
        tuple(learning.BANK),
        bank(CreditTransferRulePublished, rule="r-2", until="2020-01-31"),
        "ends-before-it-begins",
    ),
    "learning.CourseOffered starts": "a member may offer a course that has begun",
    "learning.CourseOffered ends": (
        tuple(learning.ACCOUNT),
        bank(CourseOffered, "2024-07-01"),
        "offering-ended",
    ),
    "projects.ProjectRulesPublished since": DATA,
    "projects.ProjectFiled completion": (
        (projects.RULES,),
        replace(projects.FILED, completion="2024-01-01"),
        "completion-past",
    ),
    "projects.ProjectPosted until": (
        projects.TO_NOTICE[:3],
        replace(projects.POSTED, until="2024-01-03"),
        "notice-too-short",
    ),
    "projects.ProjectPosted completion": (
        projects.TO_NOTICE[:3],
        replace(projects.POSTED, completion="2024-01-01"),
        "not-as-filed",
    ),
    "projects.ProjectChanged completion": (
        projects.TO_CONTRACT,
        replace(projects.CHANGED, completion="2024-02-29"),
        "completion-past",
    ),
    "integrity.IntegrityTermsPublished since": DATA,
    "integrity.ConductRulePublished since": (
        (),
        replace(integrity.RULE, since="2023-12-31"),
        "retroactive",
    ),
    "integrity.ConductNotified objections_until": (
        (*integrity.GIVEN, integrity.OBSERVED),
        replace(integrity.NOTIFIED, objections_until="2024-03-01"),
        "objection-too-short",
    ),
}
"""Every date in an event, by wire name and field."""


def dates(cls: type[Struct], path: str = "") -> Iterator[str]:
    """Yield the fields of an event class that are dates, those of its records included."""
    for each in fields(cls):
        if each.calendar:
            yield path + each.name
        base: Any = get_args(each.base)[0] if get_origin(each.base) is list else each.base
        if isinstance(base, type) and issubclass(base, Struct):
            yield from dates(base, f"{path}{each.name}.")


def test_every_date_in_an_event_has_a_rule_or_a_reason() -> None:
    assert {f"{name} {field}" for cls, name in names().items() for field in dates(cls)} == DATES.keys()


@pytest.mark.parametrize("date", [date for date, case in DATES.items() if not isinstance(case, str)])
def test_no_date_lies_before_what_it_follows(date: str) -> None:
    case = DATES[date]
    assert not isinstance(case, str)
    history, proposed, code = case
    given(*history).when(proposed).refused(code)


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        (
            (*projects.TO_ACCEPTANCE,),
            replace(projects.USED, month="2024-07"),
            "not-yet-in-service",
        ),
        (
            projects.TO_ACCEPTANCE,
            replace(
                projects.FILED,
                project="y",
                kind="operate",
                year=2024,
                completion="2025-12-31",
                occurred_at=at("2025-01-01"),
            ),
            "year-over",
        ),
        (tuple(learning.OFFERED), bank(CourseSharingAgreed, "2024-07-01"), "offering-ended"),
    ],
)
def test_no_month_or_year_lies_before_what_it_follows(
    history: tuple[Event, ...], proposed: Event, code: str
) -> None:
    given(*history).when(proposed).refused(code)
