"""Dated data of evaluation: its terms, recording windows and use policies."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct, field

from domain.dated import listed, listed_as_evidence, listed_once, published_ahead, version_on
from domain.rule import Refused, Rule, data, look_up, refuse_if
from events.calendar import Calendar, plus_working_days
from events.dated import Versions, follow
from events.evaluation.entries import PROVING
from events.evaluation.published import (
    EvaluationTermsPublished,
    KindTerms,
    RecordingWindowSet,
    UsePolicyPublished,
    UsePolicyWithdrawn,
)
from events.evaluation.vocabulary import EntryKind
from events.fold import Fold

Terms: TypeAlias = Versions[EvaluationTermsPublished]


def terms_on(terms: Terms, day: str) -> EvaluationTermsPublished:
    """Return the evaluation terms in force on a day. Raises TooEarly if there are none."""
    return version_on(terms, day, "unknown-evaluation-terms", "evaluation terms")


def kind_on(terms: Terms, kind: EntryKind, day: str) -> KindTerms:
    """Return the terms of a kind of entry on a day. Raises Refused if there are none."""
    for each in terms_on(terms, day).kinds:
        if each.kind == kind:
            return each
    raise Refused("kind-not-published", f"the evaluation terms in force on {day} do not list {kind}")


def last_day_to_object(terms: Terms, calendar: Calendar, posted: str) -> str:
    """Return the last day on which an entry posted on day `posted` can be contested (公示期)."""
    return plus_working_days(calendar, posted, terms_on(terms, posted).objection_working_days)


class Window(Struct):
    """The days on which a semester's entries are recorded, as they were set and set again."""

    semester: str
    settings: list[RecordingWindowSet] = field(default_factory=list)

    def on(self, day: str) -> RecordingWindowSet | None:
        """Return the setting in force on a day: the last that was made by then, or else the first; None without any."""
        first = self.settings[0] if self.settings else None
        return next((each for each in reversed(self.settings) if each.day <= day), first)


def window(state: Window, event: RecordingWindowSet) -> None:
    """Keep every setting, in the order in which they were made."""
    state.settings.append(event)


WINDOW = Fold("semester", Window, window)


class Policies(Struct):
    """The use policies of a receiver, by number."""

    receiver: str
    policies: dict[str, Versions[UsePolicyPublished]] = field(default_factory=dict)

    def valid(self, number: str, day: str) -> UsePolicyPublished:
        """Return a policy in force on a day. Raises TooEarly if it is unknown, Refused if it is not in force."""
        found = self.get(number).on(day)
        if found is None:
            raise Refused(
                "policy-not-in-force", f"the use policy {number} of {self.receiver} is not in force on {day}"
            )
        return found

    def get(self, number: str) -> Versions[UsePolicyPublished]:
        """Return a policy that has been published. Raises TooEarly if there is none with this number."""
        sentence = f"{self.receiver} has published no use policy {number}"
        return look_up(self.policies, number, "unknown-use-policy", sentence)


def policies(state: Policies, event: UsePolicyPublished | UsePolicyWithdrawn) -> None:
    """Follow the policies that a receiver publishes and withdraws."""
    follow(state.policies.setdefault(event.policy, Versions(event.policy)), event)


POLICIES = Fold("receiver", Policies, policies)


def terms_are_clear(proposed: EvaluationTermsPublished) -> None:
    """The terms list each kind of entry once, with who enters it, and each practice once for a stage."""
    listed("kinds of entry", [each.kind for each in proposed.kinds])
    for kind in proposed.kinds:
        listed(f"those who enter {kind.kind}", kind.entered_by)
        listed_once(f"stages of {kind.kind}", kind.stages)
        listed_once(f"evidence of {kind.kind}", kind.evidence_kinds)
        listed_once(f"verifiers of {kind.kind}", kind.verifiers)
        listed_as_evidence(kind.evidence_kinds, PROVING)
    listed_once("bounds of a kind", [each.kind for each in proposed.at_most])
    listed_once("practices of a stage", [f"{each.practice} in {each.stage}" for each in proposed.required])


def window_keeps_its_first_day(window: Window, proposed: RecordingWindowSet) -> None:
    """A recording window closes no earlier than it opens; it is set ahead, and its first day is fixed once it has opened."""
    refuse_if(proposed.closes < proposed.opens, "closes-before-it-opens", "the window closes before it opens")
    known = window.on(proposed.day)
    opened = known.opens if known and known.opens <= proposed.day else None
    refuse_if(
        opened is not None and proposed.opens != opened,
        "window-has-opened",
        f"the window of {window.semester} has been open since {opened}",
    )
    refuse_if(
        proposed.closes < proposed.day or (opened is None and proposed.opens < proposed.day),
        "retroactive",
        f"the window from {proposed.opens} to {proposed.closes} is set only on {proposed.day}",
    )


def policy_published_once(policies: Policies, proposed: UsePolicyPublished) -> None:
    """A receiver publishes a use policy once, and it lists the dimensions that it uses."""
    refuse_if(
        proposed.policy in policies.policies,
        "policy-published",
        f"{proposed.receiver} has already published the use policy {proposed.policy}",
    )
    listed("dimensions", proposed.dimensions)


def policy_withdrawn_once(policies: Policies, proposed: UsePolicyWithdrawn) -> None:
    """A receiver withdraws only a policy that it has published, and only once."""
    refuse_if(
        policies.get(proposed.policy).ended,
        "policy-withdrawn",
        f"the use policy {proposed.policy} is already withdrawn",
    )


RULES = (
    Rule(terms_are_clear),
    Rule(window_keeps_its_first_day, data(WINDOW)),
    Rule(policy_published_once, data(POLICIES)),
    Rule(policy_withdrawn_once, data(POLICIES)),
    published_ahead(EvaluationTermsPublished, UsePolicyPublished),
)
