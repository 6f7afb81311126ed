"""Reports of the evaluation: settled, confirmed, signed, final, corrected and released, or refused."""

from __future__ import annotations

import pytest

from domain import evaluation as rules
from events import evaluation as events
from events.contract import fields
from events.evaluation.entries import (
    EntryConfirmed,
    EntryContested,
    EntryStruck,
    EntryUpheld,
    EvaluationEntryRecorded,
)
from events.evaluation.published import UsePolicyPublished, UsePolicyWithdrawn
from events.evaluation.reports import (
    EvaluationCorrected,
    EvaluationFinalised,
    EvaluationReleased,
    ReportConfirmed,
    ReportReturned,
    ReportSigned,
    SelfStatementWritten,
)
from events.event import Event
from projections import evaluation as models
from streams.scenario import chain, given
from tests.contexts.evaluation import (
    CITY,
    CONFIRMED,
    CONTESTED,
    FINAL,
    MEASURED,
    POSTED,
    PRIVATE,
    READY,
    RECORDED,
    RELEASED,
    SIGNED,
    WRITTEN,
    some,
)
from tests.contexts.samples import after

STATEMENT = some(SelfStatementWritten)
PRINCIPAL = some(ReportSigned, "2025-01-09", signer="principal", appointment="ap-2")
RETURNED = [*SIGNED, some(ReportReturned, "2025-01-09")]
WITH_PRIVATE = [
    *POSTED,
    some(EvaluationEntryRecorded, **PRIVATE, dimension="health-and-arts"),
    some(EntryConfirmed, **PRIVATE),
    *RELEASED[len(POSTED) :],
]
STRIKE = some(EvaluationCorrected, strikes=True, content=None)
TWICE_RELEASED = [
    *RELEASED[:-1],
    some(UsePolicyPublished, receiver="tongji", policy="up-1"),
    RELEASED[-1],
    some(EvaluationReleased, receiver="tongji"),
]


@pytest.mark.parametrize(
    "history, proposed",
    [
        (CITY, STATEMENT),
        (WRITTEN, some(SelfStatementWritten, statement=b"better")),
        (WRITTEN, some(ReportConfirmed)),
        ([*CITY, STATEMENT], some(ReportConfirmed)),
        ([*RECORDED, STATEMENT], some(ReportConfirmed)),
        ([*CONTESTED, some(EntryUpheld), STATEMENT], some(ReportConfirmed)),
        ([*CONTESTED, some(EntryStruck), STATEMENT], some(ReportConfirmed, "2025-01-06")),
        ([*MEASURED, some(EntryConfirmed), STATEMENT], some(ReportConfirmed)),
        (CONFIRMED, some(ReportSigned)),
        ([*CONFIRMED, some(ReportSigned)], PRINCIPAL),
        (CONFIRMED, some(ReportReturned)),
        ([*CONFIRMED, some(ReportSigned)], some(ReportReturned, signer="principal", appointment="ap-2")),
        (RETURNED, some(ReportConfirmed, "2025-01-09")),
        (RETURNED, some(EntryStruck, "2025-01-09")),
        (SIGNED, some(EvaluationFinalised)),
        (FINAL, some(EvaluationReleased)),
        (RELEASED, some(EvaluationReleased, candidate="c-2026-1")),
        (FINAL, some(EvaluationCorrected, receivers=[])),
        (RELEASED, some(EvaluationCorrected)),
        (RELEASED, STRIKE),
        (RELEASED, some(EvaluationCorrected, entry=None, kind=None)),
        (TWICE_RELEASED, some(EvaluationCorrected, receivers=["tongji", "fudan"])),
        (WITH_PRIVATE, some(EvaluationCorrected, **PRIVATE, receivers=[])),
    ],
)
def test_admitted(history: list[Event], proposed: Event) -> None:
    given(*history).when(proposed).admitted()


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        (CITY, some(SelfStatementWritten, person="p-2"), "not-on-a-roll"),
        (CITY, some(SelfStatementWritten, school="s-2"), "on-another-roll"),
        (CONFIRMED, after(CONFIRMED, STATEMENT), "report-confirmed"),
        (FINAL, after(FINAL, STATEMENT), "evaluation-final"),
        (POSTED, some(ReportConfirmed), "statement-missing"),
        (CONFIRMED, some(ReportConfirmed), "report-confirmed"),
        ([*CONTESTED, STATEMENT], some(ReportConfirmed), "entry-contested"),
        (WRITTEN, some(ReportConfirmed, "2025-01-06"), "objection-period"),
        ([*READY, STATEMENT], some(ReportConfirmed), "not-posted"),
        ([*MEASURED, STATEMENT], some(ReportConfirmed), "entry-unconfirmed"),
    ],
)
def test_confirmation_refused(history: list[Event], proposed: Event, code: str) -> None:
    given(*history).when(proposed).refused(code)


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        (WRITTEN, some(ReportSigned), "report-unconfirmed"),
        (RETURNED, after(RETURNED, some(ReportSigned)), "report-unconfirmed"),
        ([*CONFIRMED, some(ReportSigned)], some(ReportSigned), "report-signed"),
        (CONFIRMED, PRINCIPAL, "class-teacher-first"),
        (CONFIRMED, some(ReportSigned, appointment="ap-2"), "other-post"),
        (CONFIRMED, some(ReportSigned, appointment="ap-9"), "unknown-appointment"),
        (WRITTEN, some(ReportReturned), "report-unconfirmed"),
        (FINAL, after(FINAL, some(ReportReturned)), "evaluation-final"),
        (CONFIRMED, some(ReportReturned, signer="principal"), "other-post"),
        ([*CONFIRMED, some(ReportSigned)], some(EvaluationFinalised), "signature-missing"),
        (FINAL, some(EvaluationFinalised), "evaluation-final"),
        ([*SIGNED, some(EntryContested)], some(EvaluationFinalised), "entry-contested"),
    ],
)
def test_signing_refused(history: list[Event], proposed: Event, code: str) -> None:
    given(*history).when(proposed).refused(code)


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        (SIGNED, some(EvaluationCorrected), "not-final"),
        (RELEASED, some(EvaluationCorrected, school="s-2"), "other-school"),
        (RELEASED, some(EvaluationCorrected, entry="e-9"), "not-in-report"),
        ([*RELEASED, STRIKE], some(EvaluationCorrected), "not-in-report"),
        (RELEASED, some(EvaluationCorrected, kind="coursework"), "other-entry"),
        (RELEASED, some(EvaluationCorrected, entry=None, kind=None, strikes=True), "entry-missing"),
        (RELEASED, some(EvaluationCorrected, entry=None), "entry-missing"),
        (RELEASED, some(EvaluationCorrected, content=None), "nothing-corrected"),
        (RELEASED, some(EvaluationCorrected, strikes=True), "struck-and-changed"),
        (RELEASED, some(EvaluationCorrected, receivers=[]), "receiver-left-out"),
        (TWICE_RELEASED, some(EvaluationCorrected), "receiver-left-out"),
        (FINAL, some(EvaluationCorrected), "not-a-receiver"),
        (WITH_PRIVATE, some(EvaluationCorrected, **PRIVATE), "not-a-receiver"),
    ],
)
def test_correction_refused(history: list[Event], proposed: Event, code: str) -> None:
    given(*history).when(proposed).refused(code)


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        (SIGNED, some(EvaluationReleased), "not-final"),
        (FINAL, some(EvaluationReleased, semesters=["2024-autumn", "2025-spring"]), "not-final"),
        (FINAL, some(EvaluationReleased, semesters=[]), "nothing-released"),
        (RELEASED, some(EvaluationReleased), "released"),
        (FINAL, some(EvaluationReleased, policy="up-9"), "unknown-use-policy"),
        (FINAL, some(EvaluationReleased, receiver="tongji"), "unknown-use-policy"),
        (FINAL, some(EvaluationReleased, "2028-01-01"), "policy-not-in-force"),
        (
            [*FINAL, some(UsePolicyWithdrawn, "2025-03-01")],
            some(EvaluationReleased),
            "policy-not-in-force",
        ),
    ],
)
def test_release_refused(history: list[Event], proposed: Event, code: str) -> None:
    given(*history).when(proposed).refused(code)


def test_a_whole_semester_with_a_returned_report_and_a_late_correction() -> None:
    chain(
        *CONTESTED,
        some(EntryUpheld),
        some(EvaluationEntryRecorded, **PRIVATE, dimension="health-and-arts"),
        some(EntryConfirmed, **PRIVATE),
        STATEMENT,
        some(ReportConfirmed),
        some(ReportSigned),
        some(ReportReturned),
        some(SelfStatementWritten, "2025-01-08", statement=b"better"),
        some(ReportConfirmed, "2025-01-08"),
        some(ReportSigned, "2025-01-09"),
        PRINCIPAL,
        some(EvaluationFinalised),
        some(EvaluationReleased),
        some(EvaluationCorrected),
        STRIKE,
        some(EvaluationReleased, "2025-06-01", candidate="c-2025-2"),
    )


def test_nothing_has_a_total_or_a_rank() -> None:
    names = {field.name for cls in events.EVENTS for field in fields(cls)}
    names |= {name for model in models.READ_MODELS for name in model.columns()}
    assert not [name for name in names if any(word in name for word in ("total", "rank", "score", "points"))]


def test_every_event_of_a_pupil_is_judged() -> None:
    unjudged = [cls for cls in events.EVENTS if not any(rule.judges(cls) for rule in rules.RULES)]
    assert unjudged == []
