"""Published evaluation data: terms, recording windows, and use policies."""

from __future__ import annotations

from msgspec import Struct, field

from events.evaluation.published import (
    AtMost,
    EvaluationTermsPublished,
    KindTerms,
    RecordingWindowSet,
    RequiredHours,
    UsePolicyPublished,
    UsePolicyWithdrawn,
)
from events.evaluation.vocabulary import Dimension
from projections.read_model import ReadModel


class EvaluationTerms(Struct):
    """The evaluation terms (实施办法) in force from a day: kinds of entry, objection period, required hours."""

    rules: str
    since: str
    objection_working_days: int = 0
    kinds: list[KindTerms] = field(default_factory=list)
    required: list[RequiredHours] = field(default_factory=list)
    minutes_a_day: int = 0
    days_after_graduation: int = 0
    at_most: list[AtMost] = field(default_factory=list)


def evaluation_terms(row: EvaluationTerms, event: EvaluationTermsPublished) -> None:
    """Keep what was last published for the day."""
    row.objection_working_days = event.objection_working_days
    row.kinds, row.required, row.at_most = event.kinds, event.required, event.at_most
    row.minutes_a_day, row.days_after_graduation = event.minutes_a_day, event.days_after_graduation


class RecordingWindow(Struct):
    """The days on which the entries of a semester may be recorded (录入时间)."""

    semester: str
    opens: str = ""
    closes: str = ""


def recording_window(row: RecordingWindow, event: RecordingWindowSet) -> None:
    """Keep the window that was set last."""
    row.opens, row.closes = event.opens, event.closes


class UsePolicy(Struct):
    """A receiver's policy on how it uses the evaluations released to it (使用办法)."""

    receiver: str
    policy: str
    title: str = ""
    dimensions: list[Dimension] = field(default_factory=list)
    text: str = ""
    since: str = ""
    until: str | None = None
    withdrawn: str | None = None


def use_policy(row: UsePolicy, event: UsePolicyPublished | UsePolicyWithdrawn) -> None:
    """Follow a policy from publication to withdrawal."""
    match event:
        case UsePolicyPublished():
            row.title, row.dimensions, row.text = event.title, event.dimensions, event.text
            row.since, row.until = event.since, event.until
        case UsePolicyWithdrawn():
            row.withdrawn = event.day


READ_MODELS = (
    ReadModel("evaluation-terms", "rules", EvaluationTerms, evaluation_terms, sort=("since",)),
    ReadModel("recording-windows", "semester", RecordingWindow, recording_window, sort=("opens", "closes")),
    ReadModel("use-policies", "receiver", UsePolicy, use_policy, sort=("since",)),
)
