"""Dated data of evaluation: its terms, recording windows and use policies."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct, field

from domain.dated import ends_after_it_begins, version_on
from domain.rule import Refused, Rule, data, look_up, refuse_if, too_early_if
from events.clock import plus_working_days
from events.dated import Versions
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


def last_day_to_object(terms: Terms, posted: str) -> str:
    """Return the last day on which an entry posted on day `posted` can be contested (公示期)."""
    found = terms_on(terms, posted)
    return plus_working_days(posted, found.objection_working_days, frozenset(found.holidays))


class Window(Struct):
    """The days on which a semester's entries are recorded."""

    semester: str
    opens: str = ""
    closes: str = ""


def window(state: Window, event: RecordingWindowSet) -> None:
    """Keep the window that was set last."""
    state.opens, state.closes = event.opens, event.closes


WINDOW = Fold("semester", Window, window)


class Policies(Struct):
    """The use policies of a receiver, and the days on which some were withdrawn."""

    receiver: str
    published: dict[str, UsePolicyPublished] = field(default_factory=dict)
    withdrawn: dict[str, str] = field(default_factory=dict)

    def valid(self, number: str, day: str) -> UsePolicyPublished:
        """Return a policy in force on a day. Raises TooEarly if it is unknown, Refused if it is not in force."""
        found = look_up(
            self.published,
            number,
            "unknown-use-policy",
            f"{self.receiver} has published no use policy {number}",
        )
        refuse_if(
            not found.since <= day <= (found.until or day) or self.withdrawn.get(number, day) < day,
            "policy-not-in-force",
            f"the use policy {number} of {self.receiver} is not in force on {day}",
        )
        return found


def policies(state: Policies, event: UsePolicyPublished | UsePolicyWithdrawn) -> None:
    """Follow the policies that a receiver publishes and withdraws."""
    match event:
        case UsePolicyPublished():
            state.published[event.policy] = event
        case UsePolicyWithdrawn():
            state.withdrawn[event.policy] = event.day


POLICIES = Fold("receiver", Policies, policies)


def terms_are_clear(proposed: EvaluationTermsPublished) -> None:
    """The terms list each kind of entry once, and each practice once for a stage."""
    kinds = [each.kind for each in proposed.kinds]
    required = [(each.stage, each.practice) for each in proposed.required]
    refuse_if(
        len(set(kinds)) < len(kinds) or len(set(required)) < len(required),
        "told-twice",
        "the terms list a kind of entry, or a practice of a stage, twice",
    )


def window_keeps_its_first_day(window: Window, proposed: RecordingWindowSet) -> None:
    """A recording window closes no earlier than it opens, and its first day is fixed once it has opened."""
    refuse_if(proposed.closes < proposed.opens, "closes-before-it-opens", "the window closes before it opens")
    refuse_if(
        window.opens and window.opens <= proposed.day and proposed.opens != window.opens,
        "window-has-opened",
        f"the window of {window.semester} has been open since {window.opens}",
    )


def policy_published_once(policies: Policies, proposed: UsePolicyPublished) -> None:
    """A receiver publishes a use policy once, and the policy ends no earlier than it begins."""
    refuse_if(
        proposed.policy in policies.published,
        "policy-published",
        f"{proposed.receiver} has already published the use policy {proposed.policy}",
    )
    ends_after_it_begins(proposed)


def policy_withdrawn_once(policies: Policies, proposed: UsePolicyWithdrawn) -> None:
    """A receiver withdraws only a policy that it has published, and only once."""
    too_early_if(
        proposed.policy not in policies.published,
        "unknown-use-policy",
        f"{proposed.receiver} has published no use policy {proposed.policy}",
    )
    refuse_if(
        proposed.policy in policies.withdrawn,
        "policy-withdrawn",
        f"the use policy {proposed.policy} is already withdrawn",
    )


RULES = (
    Rule(terms_are_clear),
    Rule(window_keeps_its_first_day, data(WINDOW)),
    Rule(policy_published_once, data(POLICIES)),
    Rule(policy_withdrawn_once, data(POLICIES)),
)
