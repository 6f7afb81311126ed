"""What the published terms of evaluation decide: stages, evidence, verifiers, numbers, minutes and days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from events.evaluation.entries import EntrySelected, EntryVerified, EvaluationEntryRecorded
from events.evaluation.practice import ActivityAttended, ActivityOpened
from events.evaluation.published import AtMost, EvaluationTermsPublished, KindTerms, RecordingWindowSet
from events.evaluation.reports import EvaluationFinalised, EvaluationReleased
from events.event import Event
from events.roll.published import RollRulesPublished, StageTerms
from events.roll.pupils import StudentGraduated
from events.roll.schools import SchoolRegistered, SchoolsMerged
from events.roll.teachers import TeacherAppointed
from events.roll.transfers import StudentTransferred
from events.roll.vocabulary import Stage
from streams.scenario import at, given
from tests.contexts.evaluation import (
    ATTENDED,
    CITY,
    FINAL,
    OPENED,
    RECORDED,
    RELEASED,
    SECOND,
    SIGNED,
    UPPER,
    some,
)
from tests.logs.publishing import Town

PRIMARY = StageTerms("primary", 1, 5, compulsory=True)
KINDERGARTEN = StageTerms("kindergarten", 1, 3, compulsory=False)
VOCATIONAL = StageTerms("vocational", 10, 12, compulsory=False)
ATTENDANCE = "evaluation.ActivityAttended"


def with_terms(events: Sequence[Event], **changes: Any) -> list[Event]:
    """Return a history with other terms of evaluation."""
    return [
        replace(each, **changes) if isinstance(each, EvaluationTermsPublished) else each for each in events
    ]


def with_kind(events: Sequence[Event], **changes: Any) -> list[Event]:
    """Return a history in which the terms of the kind of all entries have changed."""
    (terms,) = (each for each in events if isinstance(each, EvaluationTermsPublished))
    return with_terms(events, kinds=[replace(terms.kinds[0], **changes), *terms.kinds[1:]])


def in_stage(stage: Stage, terms: list[Event]) -> list[Event]:
    """Return a history in which the pupil is in another stage."""
    stages = [UPPER, PRIMARY, KINDERGARTEN, VOCATIONAL]
    changed: list[Event] = []
    for each in terms:
        match each:
            case RollRulesPublished():
                changed.append(replace(each, stages=stages))
            case SchoolRegistered():
                changed.append(replace(each, stages=[stage]))
            case _ if hasattr(each, "grade"):
                changed.append(replace(each, stage=stage, grade=1))
            case _:
                changed.append(each)
    return changed


@pytest.mark.parametrize(
    "stage, listed, code",
    [
        ("upper-secondary", [], ""),
        ("primary", [], ""),
        ("vocational", [], "not-for-this-stage"),
        ("vocational", ["vocational"], ""),
        ("primary", ["vocational"], "not-for-this-stage"),
        ("kindergarten", [], "not-for-this-stage"),
        ("kindergarten", ["kindergarten"], "not-for-this-stage"),
    ],
)
def test_a_kind_is_recorded_in_its_stages_and_never_in_kindergarten(
    stage: Stage, listed: list[Stage], code: str
) -> None:
    town = Town(*in_stage(stage, with_kind(CITY, stages=listed)))
    assert town.codes(some(EvaluationEntryRecorded)) == [code]


def test_a_kind_that_lists_its_evidence_is_proved_by_it() -> None:
    attended = replace(ATTENDED[-1], id="attended", source="/town")
    town = Town(*with_kind([*OPENED, attended], evidence_kinds=[ATTENDANCE]))
    entry = some(EvaluationEntryRecorded)
    cited = replace(entry, evidence="/town#attended")
    assert town.codes(entry) == ["evidence-missing"]
    assert town.codes(cited) == ["evidence-not-admissible"]
    assert town.codes(replace(cited, evidence_kind="learning.CourseCompleted")) == ["other-evidence"]
    assert town.codes(replace(cited, evidence_kind=ATTENDANCE, evidence="/town#none")) == ["unknown-evidence"]
    assert town.codes(replace(cited, evidence_kind=ATTENDANCE)) == [""]


def test_only_what_may_prove_an_entry_is_published_as_its_evidence() -> None:
    kind = KindTerms("arts", "health-and-arts", ["pupil"], evidence_kinds=["identity.ErasureRequested"])
    given().when(some(EvaluationTermsPublished, kinds=[kind])).refused("evidence-not-admissible")


S2 = SchoolRegistered("s-2", "二中", "huangpu", ["upper-secondary"], occurred_at=at("2020-01-02"))
TEACHER_THERE = TeacherAppointed(
    "t-2", "ap-9", "s-2", "huangpu", "class-teacher", occurred_at=at("2023-09-02")
)
MERGED = SchoolsMerged("s-1", "s-2", occurred_at=at("2024-12-16"))
CHECKED = some(EntryVerified, appointment="ap-9")


def test_an_entry_is_verified_where_its_school_has_merged_into() -> None:
    town = Town(*RECORDED, S2, TEACHER_THERE)
    assert town.codes(CHECKED) == ["appointed-elsewhere"]
    assert town.codes(MERGED, CHECKED) == ["", ""]


def test_an_entry_is_verified_where_the_pupil_is_now() -> None:
    moved = StudentTransferred(
        "p-1", "s-1", "s-2", "huangpu", "huangpu", "upper-secondary", 10, occurred_at=at("2024-12-16")
    )
    assert Town(*RECORDED, S2, TEACHER_THERE, moved).codes(CHECKED) == [""]


def test_an_entry_is_verified_by_the_posts_that_the_terms_list() -> None:
    support = replace(TEACHER_THERE, post="support")
    town = Town(*with_kind(RECORDED, verifiers=["class-teacher"]), S2, support, MERGED)
    assert town.codes(CHECKED) == ["post-does-not-verify"]
    assert town.codes(some(EntryVerified)) == [""]


def test_a_pupil_selects_no_more_than_the_published_number() -> None:
    history = with_terms([*RECORDED, SECOND, some(EntrySelected)], at_most=[AtMost("moral-conduct", 1)])
    second = some(EntrySelected, entry="e-9")
    assert Town(*history).codes(second) == ["too-many-selected"]
    two = with_terms(history, at_most=[AtMost("moral-conduct", 2), AtMost("arts", 1)])
    assert Town(*two).codes(second) == [""]


def test_a_day_has_no_more_minutes_than_the_terms_say() -> None:
    second = some(ActivityOpened, activity="a-2")
    history = with_terms([*OPENED, second, some(ActivityAttended, minutes=240)], minutes_a_day=420)
    again = some(ActivityAttended, activity="a-2")
    assert Town(*history).codes(replace(again, minutes=181)) == ["too-long-a-day"]
    assert Town(*history).codes(replace(again, minutes=180)) == [""]
    other_day = some(ActivityAttended, "2024-10-06", activity="a-2", minutes=240)
    assert Town(*history).codes(other_day) == [""]


LEFT = StudentGraduated("p-1", "s-1", "huangpu", "upper-secondary", 12, occurred_at=at("2025-06-30"))


def test_the_last_school_makes_a_report_for_the_published_days() -> None:
    town = Town(*with_terms(SIGNED, days_after_graduation=30), LEFT)
    assert town.codes(some(EvaluationFinalised, "2025-07-31")) == ["too-late"]
    assert town.codes(some(EvaluationFinalised, "2025-07-30", district="pudong")) == ["other-district"]
    assert town.codes(some(EvaluationFinalised, "2025-07-30", school="s-9")) == ["not-on-a-roll"]
    assert town.codes(some(EvaluationFinalised, "2025-07-30")) == [""]


def test_a_release_tells_the_dimensions_of_its_policy() -> None:
    town = Town(*FINAL)
    release = some(EvaluationReleased)
    assert town.codes(replace(release, dimensions=[])) == ["other-dimensions"]
    more = ["innovation-and-practice", "health-and-arts"]
    assert town.codes(replace(release, dimensions=more)) == ["other-dimensions"]
    assert town.codes(release) == [""]


def test_a_receiver_gets_each_evaluation_once_for_a_candidate() -> None:
    second = some(EvaluationReleased, "2025-04-02", candidate="GK-2")
    town = Town(*RELEASED)
    assert town.codes(second, replace(second, candidate="c-2025-1")) == ["", "released"]


def test_a_window_that_is_set_again_opens_no_day_that_has_passed() -> None:
    longer = some(RecordingWindowSet, "2025-01-15", closes="2025-01-31")
    town = Town(*CITY)
    assert town.codes(some(EvaluationEntryRecorded, "2025-01-12")) == ["outside-window"]
    assert town.codes(longer) == [""]
    assert town.codes(
        some(EvaluationEntryRecorded, "2025-01-12"), some(EvaluationEntryRecorded, "2025-01-15")
    ) == ["outside-window", ""]
