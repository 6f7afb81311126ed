"""Credit transfer: under a rule in force, by the receiver, once in a programme, within the cap."""

from __future__ import annotations

from typing import Any

import pytest

from events.event import Event
from events.learning.courses import CourseCompleted, CourseEnrolled, CourseOffered
from events.learning.credit import CreditsAwarded, CreditsRevoked, Unwound
from events.learning.outcomes import OutcomeDeposited, OutcomeRecognised, OutcomeSubmitted
from events.learning.published import (
    CreditTransferRulePublished,
    CreditTransferRuleRetired,
    RecognitionStandardPublished,
)
from events.learning.transfers import CreditsTransferred, CreditTransferDeclined, CreditTransferRequested
from streams.scenario import chain, given
from tests.contexts.learning import AWARDED, BANK, REQUESTED, TRANSFERRED, UNWINDING, some
from tests.contexts.samples import after

RETIRED = [*BANK, some(CreditTransferRuleRetired)]


def rule(**changes: Any) -> CreditTransferRulePublished:
    """Return the rule again, changed and in force since the day after."""
    return some(CreditTransferRulePublished, "2020-01-05", **{"since": "2020-02-02"} | changes)


def elsewhere(*, exclusive: bool) -> list[Event]:
    """Return a rule of another programme, and what asks for a transfer by it."""
    programme = {"programme": "care", "rule": "r-2"}
    return [
        some(CreditTransferRulePublished, exclusive=exclusive, **programme),
        some(CreditTransferRequested, "2024-08-11", transfer="t-2", **programme),
    ]


def counted_elsewhere(*, exclusive: bool) -> CreditsTransferred:
    return some(
        CreditsTransferred, "2024-08-12", transfer="t-2", programme="care", rule="r-2", exclusive=exclusive
    )


def second_award(category: str = "academic") -> list[Event]:
    """Return a second course of 5 credits, and how its outcome becomes the award aw-2."""
    offering = {"offering": "art-24", "course": "art"}
    return [
        some(CourseOffered, category=category, **offering),
        some(CourseEnrolled, offering="art-24"),
        some(CourseCompleted, offering="art-24"),
        some(OutcomeDeposited, outcome="oc-2", category=category, **offering),
        some(RecognitionStandardPublished, standard="st-2", category=category),
        some(OutcomeSubmitted, outcome="oc-2", standard="st-2"),
        some(OutcomeRecognised, outcome="oc-2", standard="st-2"),
        some(
            CreditsAwarded,
            award="aw-2",
            outcome="oc-2",
            standard="st-2",
            category=category,
            credits=500 if category == "academic" else 900,
        ),
        some(CreditTransferRequested, "2024-08-11", transfer="t-2", award="aw-2"),
    ]


def second(**changes: Any) -> CreditsTransferred:
    return some(CreditsTransferred, "2024-08-12", transfer="t-2", award="aw-2", **changes)


def test_two_programmes_count_one_award_and_revoking_unwinds_both() -> None:
    chain(
        *TRANSFERRED,
        *elsewhere(exclusive=False),
        counted_elsewhere(exclusive=False),
        some(
            CreditsRevoked,
            unwound=[Unwound("t-2", "care", "academic", 500), *UNWINDING["unwound"]],
            transfers=["t-1", "t-2"],
        ),
    )


def test_a_cap_is_freed_by_revoking() -> None:
    cap = [*BANK, rule(cap=500), *TRANSFERRED[len(BANK) :], *second_award()]
    given(*cap).when(second()).refused("beyond-the-cap", "learning.transferred_by_rule")
    given(*cap, some(CreditsRevoked, "2024-08-11", **UNWINDING)).when(second()).admitted()


def test_culture_and_leisure_never_becomes_academic() -> None:
    culture = "culture-and-leisure"
    proposed = second(from_category=culture, credits=900)
    given(*AWARDED, *second_award(culture)).when(proposed).refused("culture-to-academic")
    given(*BANK).when(rule(from_category=culture)).refused("culture-to-academic")
    to_vocational = {"from_category": culture, "to_category": "vocational"}
    chain(
        *BANK,
        rule(rule="r-2", programme="care", **to_vocational),
        *AWARDED[len(BANK) :],
        *second_award(culture)[:-1],
        some(CreditTransferRequested, transfer="t-2", award="aw-2", programme="care", rule="r-2"),
        second(from_category=culture, category="vocational", credits=900, programme="care", rule="r-2"),
    )


@pytest.mark.parametrize(
    "history, proposed",
    [
        (AWARDED, some(CreditTransferRequested)),
        (REQUESTED, some(CreditsTransferred)),
        (REQUESTED, some(CreditsTransferred, credits=200)),
        (REQUESTED, some(CreditTransferDeclined)),
        (
            [*REQUESTED, some(CreditTransferDeclined)],
            some(CreditTransferRequested, "2024-09-01", transfer="t-2"),
        ),
        ([*TRANSFERRED, *second_award()], second()),
        ([*REQUESTED, rule(valid_days=30)], some(CreditsTransferred)),
        (RETIRED, rule(since="2024-01-01")),
    ],
)
def test_admitted(history: list[Event], proposed: Event) -> None:
    given(*history).when(proposed).admitted()


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        (BANK, rule(until="2020-01-31"), "ends-before-it-begins"),
        (BANK, rule(institution="open-university"), "other-publisher"),
        (BANK, rule(programme="care"), "other-programme"),
        (BANK, some(CreditTransferRuleRetired, rule="r-9"), "unknown-transfer-rule"),
        (BANK, some(CreditTransferRuleRetired, institution="open-university"), "other-publisher"),
        (RETIRED, some(CreditTransferRuleRetired), "transfer-rule-retired"),
        (REQUESTED, some(CreditTransferRequested), "transfer-number-given"),
        (REQUESTED, some(CreditTransferRequested, transfer="t-2"), "requested-already"),
        (TRANSFERRED, after(TRANSFERRED, some(CreditTransferRequested, transfer="t-2")), "counted-already"),
        (AWARDED, some(CreditTransferRequested, award="aw-9"), "unknown-award"),
        (AWARDED, some(CreditTransferRequested, rule="r-9"), "unknown-transfer-rule"),
        (AWARDED, some(CreditTransferRequested, programme="care"), "other-programme"),
        (
            [*AWARDED, some(CreditTransferRuleRetired)],
            some(CreditTransferRequested),
            "transfer-rule-not-in-force",
        ),
    ],
)
def test_asking_refused(history: list[Event], proposed: Event, code: str) -> None:
    given(*history).when(proposed).refused(code)


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        (AWARDED, some(CreditTransferDeclined), "unknown-transfer"),
        (REQUESTED, some(CreditTransferDeclined, institution="open-university"), "other-institution"),
        (TRANSFERRED, some(CreditTransferDeclined), "transfer-decided"),
        (AWARDED, some(CreditsTransferred), "unknown-transfer"),
        (REQUESTED, some(CreditsTransferred, institution="open-university"), "other-institution"),
        (REQUESTED, some(CreditsTransferred, programme="care"), "other-than-requested"),
        ([*REQUESTED, some(CreditTransferDeclined)], some(CreditsTransferred), "transfer-decided"),
        (
            [*AWARDED, *elsewhere(exclusive=True), some(CreditTransferRequested), some(CreditsTransferred)],
            counted_elsewhere(exclusive=True),
            "counted-elsewhere",
        ),
        (
            [
                *BANK,
                rule(exclusive=True),
                *REQUESTED[len(BANK) :],
                some(CreditsTransferred, exclusive=True),
                *elsewhere(exclusive=False),
            ],
            counted_elsewhere(exclusive=False),
            "counted-elsewhere",
        ),
        (
            [
                *TRANSFERRED[:-1],
                some(CreditTransferRequested, transfer="t-2"),
                some(CreditsTransferred, transfer="t-2"),
            ],
            some(CreditsTransferred),
            "counted-already",
        ),
        (REQUESTED, some(CreditsTransferred, exclusive=True), "other-than-the-rule"),
        (REQUESTED, some(CreditsTransferred, category="vocational"), "other-category"),
        (REQUESTED, some(CreditsTransferred, from_category="vocational"), "other-category"),
        (REQUESTED, some(CreditsTransferred, credits=501), "beyond-its-share"),
        (REQUESTED, some(CreditsTransferred, credits=0), "beyond-its-share"),
        ([*REQUESTED, rule(percent=50)], some(CreditsTransferred, credits=251), "beyond-its-share"),
        ([*REQUESTED, rule(cap=499)], some(CreditsTransferred), "beyond-the-cap"),
        ([*REQUESTED, rule(valid_days=29)], some(CreditsTransferred), "credits-too-old"),
        ([*REQUESTED, rule(until="2024-08-09")], some(CreditsTransferred), "transfer-rule-not-in-force"),
        ([*REQUESTED, some(CreditsRevoked, "2024-08-02")], some(CreditsTransferred), "credits-revoked"),
    ],
)
def test_transfer_refused(history: list[Event], proposed: Event, code: str) -> None:
    given(*history).when(proposed).refused(code)
