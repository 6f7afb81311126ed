"""Data published by the city and the universities: recording windows, evaluation terms, use policies."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from events.dated import RULES_TAG, LimitedRuleData, RuleData, dated
from events.evaluation.vocabulary import Dimension, Enterer, EntryKind, PracticeKind, ReceiverId, Semester
from events.event import Day, Event, Name, Number, Tag, Text
from events.integrity.vocabulary import EventType
from events.roll.vocabulary import Post, Stage

Publicity = Literal["posted", "measured", "private"]


class RecordingWindowSet(RuleData, frozen=True):
    """The city has set the days on which a semester's entries are recorded (录入时间); the latest setting counts."""

    semester: Annotated[Semester, Tag("semester")]
    opens: Day
    closes: Day


class KindTerms(Struct, frozen=True):
    """A kind of entry: its dimension, who may enter it, and how it becomes public.

    It is recorded in `stages`, or, if that is empty, in compulsory stages and upper secondary, never in kindergarten. With
    `evidence_kinds`, an entry cites an event of one of these types; with `verifiers`, one of these posts verifies it.
    A `posted` entry is shown for the objection period. A `measured` one is imported from elsewhere and
    confirmed by the pupil instead. A `private` one is also confirmed, and is never posted or released. With
    `rests_on_activity`, an entry names an activity that the pupil attended.
    """

    kind: EntryKind
    dimension: Dimension
    entered_by: list[Enterer]
    publicity: Publicity = "posted"
    rests_on_activity: bool = False
    stages: list[Stage] = []
    evidence_kinds: list[EventType] = []
    verifiers: list[Post] = []


class RequiredHours(Struct, frozen=True):
    """The hours of a kind of practice that a stage of schooling requires."""

    stage: Stage
    practice: PracticeKind
    hours: Annotated[int, Meta(ge=0, le=100_000)]


class AtMost(Struct, frozen=True):
    """How many entries of a kind a pupil selects for the report of a semester at most."""

    kind: EntryKind
    count: Annotated[int, Meta(ge=1, le=1000)]


class EvaluationTermsPublished(RuleData, frozen=True):
    """The city has published the terms of comprehensive quality evaluation (实施办法), in force from a day on.

    A pupil attends social practice for at most `minutes_a_day`, in all activities of a day together. The school that a
    pupil has left makes their report for `days_after_graduation` more.
    """

    since: Day
    objection_working_days: Annotated[int, Meta(ge=1, le=365)]
    kinds: list[KindTerms]
    required: list[RequiredHours]
    minutes_a_day: Annotated[int, Meta(ge=1, le=1440)] = 1440
    days_after_graduation: Annotated[int, Meta(ge=0, le=3650)] = 0
    at_most: list[AtMost] = []
    rules: Annotated[Literal["evaluation"], RULES_TAG] = "evaluation"


class UsePolicyPublished(LimitedRuleData, frozen=True):
    """A receiver, usually a university, has published how it uses released evaluations (使用办法)."""

    receiver: ReceiverId
    policy: Number
    title: Name
    dimensions: list[Dimension]
    text: Text
    since: Day


class UsePolicyWithdrawn(Event, frozen=True):
    """A receiver has withdrawn a use policy; nothing is released under it any more."""

    receiver: ReceiverId
    policy: Number
    reason: Text


EVALUATION_TERMS = dated(EvaluationTermsPublished, "evaluation")

EVENTS = (
    EvaluationTermsPublished,
    RecordingWindowSet,
    UsePolicyPublished,
    UsePolicyWithdrawn,
)
