import pytest
from msgspec.structs import replace

from events.event import Event
from streams.scenario import at, chain, given
from tests.contexts.persons import registered
from tests.contexts.projects import (
    ANSWERED,
    APPROVED,
    AS_RECAST,
    AWARDED,
    CONFIRMED,
    FILED,
    OBJECTED,
    POSTED,
    PROPOSAL_PASSED,
    RECAST,
    RESUBMITTED,
    RESULT_PASSED,
    RETURNED,
    RULES,
    TO_APPROVAL,
    TO_CONTRACT,
    TO_NOTICE,
    UPHELD,
)
from tests.contexts.samples import after

AGAIN = (
    RESUBMITTED,
    replace(CONFIRMED, occurred_at=at("2024-01-21")),
    replace(POSTED, until="2024-02-10", occurred_at=at("2024-01-22")),
)
LATER = replace(APPROVED, occurred_at=at("2024-02-11"))


def test_a_project_is_filed_confirmed_posted_and_approved() -> None:
    chain(*TO_APPROVAL)


def test_a_person_may_object_too() -> None:
    objected = replace(OBJECTED, person="x", grounds=b"sealed", unit=None, unit_grounds=None)
    chain(*registered("x"), *TO_NOTICE, objected, ANSWERED, APPROVED)


def test_a_returned_project_goes_through_it_all_again() -> None:
    chain(*TO_NOTICE, OBJECTED, UPHELD, RETURNED, *AGAIN, LATER)


def test_a_returned_project_may_be_changed_before() -> None:
    recast = replace(RECAST, occurred_at=at("2024-01-14"))
    posted = replace(AS_RECAST, occurred_at=at("2024-01-22"))
    chain(*TO_NOTICE, RETURNED, recast, *AGAIN[:2], posted, replace(APPROVED, occurred_at=at("2024-04-01")))


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        ((FILED,), FILED, "project-filed"),
        ((), replace(FILED, declared_unclassified=False), "classified"),
        ((), replace(FILED, year=2024), "year-without-operation"),
        ((FILED,), replace(FILED, project="q", kind="operate"), "year-missing"),
    ],
)
def test_a_project_is_filed_once_and_never_classified(
    history: tuple[Event, ...], proposed: Event, code: str
) -> None:
    given(RULES, *history).when(proposed).refused(code)


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        ((), CONFIRMED, "unknown-project"),
        ((FILED,), replace(CONFIRMED, by="u"), "own-confirmation"),
        ((FILED, CONFIRMED), CONFIRMED, "not-filed"),
        ((FILED,), PROPOSAL_PASSED, "not-confirmed"),
        (TO_NOTICE, RESULT_PASSED, "not-approved"),
        ((FILED,), POSTED, "not-confirmed"),
        ((FILED, CONFIRMED), replace(POSTED, budget=1), "not-as-filed"),
        ((FILED, CONFIRMED), replace(POSTED, name="别的系统"), "not-as-filed"),
        ((FILED, CONFIRMED), replace(POSTED, techniques=["云计算"]), "not-as-filed"),
        ((FILED, CONFIRMED), replace(POSTED, until="2024-01-10"), "notice-too-short"),
    ],
)
def test_a_notice_follows_confirmation(history: tuple[Event, ...], proposed: Event, code: str) -> None:
    given(RULES, *history).when(proposed).refused(code)


def test_a_notice_needs_published_rules() -> None:
    given(FILED, CONFIRMED).when(POSTED).refused("no-project-rules")


def test_the_notice_period_is_the_one_in_force_that_day() -> None:
    longer = replace(RULES, since="2024-01-04", notice_working_days=10, occurred_at=at("2024-01-01"))
    given(RULES, longer, FILED, CONFIRMED).when(POSTED).refused("notice-too-short")
    given(RULES, replace(longer, since="2024-01-05"), FILED, CONFIRMED).when(POSTED).admitted()


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        ((FILED,), OBJECTED, "not-posted"),
        (TO_NOTICE, replace(OBJECTED, occurred_at=at("2024-01-13")), "notice-closed"),
        (TO_NOTICE, replace(OBJECTED, unit=None), "one-objector"),
        (TO_NOTICE, replace(OBJECTED, unit_grounds=None), "grounds-of-the-objector"),
        (TO_NOTICE, replace(OBJECTED, grounds=b"sealed"), "grounds-of-the-objector"),
        (
            (*registered("x"), *TO_NOTICE),
            replace(OBJECTED, unit=None, person="x"),
            "grounds-of-the-objector",
        ),
        ((*registered("x"), *TO_NOTICE), replace(OBJECTED, person="x"), "one-objector"),
        ((*TO_NOTICE, OBJECTED), OBJECTED, "objection-raised"),
        (TO_NOTICE, ANSWERED, "unknown-objection"),
        ((*TO_NOTICE, OBJECTED), replace(ANSWERED, project="q"), "other-project"),
        ((*TO_NOTICE, OBJECTED, ANSWERED), ANSWERED, "objection-answered"),
    ],
)
def test_objections_are_raised_during_notice_and_answered_once(
    history: tuple[Event, ...], proposed: Event, code: str
) -> None:
    given(RULES, *history).when(proposed).refused(code)


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        ((RULES, FILED, CONFIRMED), APPROVED, "not-posted"),
        (TO_NOTICE, replace(APPROVED, occurred_at=at("2024-01-12")), "notice-open"),
        ((*TO_NOTICE, OBJECTED), APPROVED, "objections-open"),
        ((*TO_NOTICE, OBJECTED, UPHELD), APPROVED, "objection-upheld"),
        ((*TO_NOTICE, replace(PROPOSAL_PASSED, passed=False)), APPROVED, "review-failed"),
        (TO_NOTICE, replace(APPROVED, budget=1_000_001), "above-request"),
        ((*TO_NOTICE, AWARDED), after([AWARDED], replace(APPROVED, budget=700_000)), "below-contracts"),
        ((*TO_NOTICE, OBJECTED, RETURNED, *AGAIN), LATER, "objections-open"),
        (TO_APPROVAL, APPROVED, "not-posted"),
        (TO_APPROVAL, after(TO_APPROVAL, RETURNED), "not-filed"),
        (TO_NOTICE, RESUBMITTED, "not-returned"),
    ],
)
def test_approval_follows_a_notice_that_is_settled(
    history: tuple[Event, ...], proposed: Event, code: str
) -> None:
    given(*history).when(proposed).refused(code)


def test_a_second_opinion_settles_a_failed_review() -> None:
    chain(*TO_NOTICE, replace(PROPOSAL_PASSED, passed=False), PROPOSAL_PASSED, APPROVED)


def test_a_project_that_returns_to_approval_is_posted_again() -> None:
    recast = (*TO_CONTRACT, RECAST)
    confirmed = replace(CONFIRMED, occurred_at=at("2024-03-05"))
    again = replace(APPROVED, occurred_at=at("2024-04-01"))
    given(*recast, confirmed).when(after([confirmed], POSTED)).refused("not-as-filed")
    given(*recast).when(again).refused("not-posted")
    chain(*recast, confirmed, AS_RECAST, again)
