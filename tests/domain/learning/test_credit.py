"""Credits and certificates: counted by the published terms, revoked with what follows from them."""

from __future__ import annotations

from typing import Any

import pytest

from events.event import Event
from events.learning.certificates import CertificateIssued, CertificateRevoked
from events.learning.credit import CreditsAwarded, CreditsRevoked
from events.learning.published import CreditTermsPublished, HoursPerCredit, ResultCounts
from streams.scenario import given
from tests.contexts.learning import (
    AWARDED,
    CERTIFIED,
    RECOGNISED,
    RESULTS,
    SUBMITTED,
    TRANSFERRED,
    UNWINDING,
    some,
)
from tests.contexts.samples import after

CERTIFICATE_GONE = [*CERTIFIED, some(CertificateRevoked)]
REVOKED = [*CERTIFICATE_GONE, some(CreditsRevoked, **UNWINDING)]
OWN_CERTIFICATE = some(CertificateIssued, certificate="c-2", institution="open-university", programme=None)


def terms_from(day: str, **changes: Any) -> CreditTermsPublished:
    return some(CreditTermsPublished, day, since=day, **changes)


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        (AWARDED, some(CreditsAwarded, outcome="oc-9", award="aw-2"), "unknown-outcome"),
        (AWARDED, some(CreditsAwarded), "award-number-given"),
        (AWARDED, some(CreditsAwarded, award="aw-2"), "awarded-already"),
        (SUBMITTED, some(CreditsAwarded), "unknown-recognition"),
        (RECOGNISED, some(CreditsAwarded, institution="college"), "other-recognition"),
        (RECOGNISED, some(CreditsAwarded, terms="mine"), "other-terms"),
        (RECOGNISED, some(CreditsAwarded, category="vocational"), "other-category"),
        (RECOGNISED, some(CreditsAwarded, credits=501), "other-credits"),
        (
            [*RECOGNISED, terms_from("2024-07-11", hours_per_credit=[HoursPerCredit("academic", 9)])],
            some(CreditsAwarded),
            "other-credits",
        ),
        ([*RECOGNISED, terms_from("2024-07-11", results=RESULTS[:1])], some(CreditsAwarded), "terms-silent"),
        (
            [*RECOGNISED, terms_from("2024-07-11", results=[ResultCounts("pass", 0)])],
            some(CreditsAwarded, credits=0),
            "earns-nothing",
        ),
        (
            [each for each in RECOGNISED if not isinstance(each, CreditTermsPublished)],
            some(CreditsAwarded),
            "unknown-credit-terms",
        ),
        (RECOGNISED, some(CreditsRevoked), "unknown-award"),
        (AWARDED, some(CreditsRevoked, institution="college"), "other-institution"),
        (AWARDED, some(CreditsRevoked, credits=499), "other-credits"),
        (TRANSFERRED, some(CreditsRevoked), "unwinds-otherwise"),
        (AWARDED, some(CreditsRevoked, **UNWINDING), "unwinds-otherwise"),
        (TRANSFERRED, some(CreditsRevoked, unwound=UNWINDING["unwound"]), "unwinds-otherwise"),
        (CERTIFIED, some(CreditsRevoked, **UNWINDING), "certificate-rests-on-it"),
        (REVOKED, some(CreditsRevoked), "credits-revoked"),
    ],
)
def test_credits_refused(history: list[Event], proposed: Event, code: str) -> None:
    given(*history).when(proposed).refused(code)


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        (CERTIFIED, some(CertificateIssued), "certificate-number-given"),
        (CERTIFICATE_GONE, some(CertificateIssued), "certificate-number-given"),
        (TRANSFERRED, some(CertificateIssued, awards=[]), "rests-on-nothing"),
        (TRANSFERRED, some(CertificateIssued, awards=["aw-9"]), "unknown-award"),
        (AWARDED, some(CertificateIssued), "not-counted"),
        (AWARDED, some(CertificateIssued, programme=None), "other-institution"),
        (TRANSFERRED, some(CertificateIssued, institution="open-university"), "other-institution"),
        (REVOKED, after(REVOKED, OWN_CERTIFICATE), "credits-revoked"),
        (TRANSFERRED, some(CertificateRevoked), "unknown-certificate"),
        (CERTIFICATE_GONE, some(CertificateRevoked), "certificate-revoked"),
        (CERTIFIED, some(CertificateRevoked, institution="open-university"), "other-institution"),
    ],
)
def test_certificate_refused(history: list[Event], proposed: Event, code: str) -> None:
    given(*history).when(proposed).refused(code)
