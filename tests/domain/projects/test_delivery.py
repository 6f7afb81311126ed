import pytest
from msgspec.structs import replace

from events.event import Event
from streams.scenario import at, chain, given
from tests.contexts.projects import (
    ACCEPTED,
    AMENDED,
    APPROVED,
    AWARDED,
    CHANGED,
    EVALUATED,
    FILED,
    FIRST_ACCEPTED,
    LINKED,
    ON_TRIAL,
    OPERATING,
    RECAST,
    RESULT_PASSED,
    RETIRED,
    RETURNED,
    RULES,
    SPENT,
    STARTED,
    SUCCESSOR,
    TERMINATED,
    TO_ACCEPTANCE,
    TO_APPROVAL,
    TO_CONTRACT,
    TO_NOTICE,
    TO_TRIAL,
    UNLINKED,
    USED,
)
from tests.contexts.samples import after

SECOND = replace(AWARDED, contract="c-2", amount=100_000)


def test_a_project_lives() -> None:
    chain(
        *TO_CONTRACT,
        STARTED,
        SPENT,
        AMENDED,
        CHANGED,
        LINKED,
        UNLINKED,
        FIRST_ACCEPTED,
        ON_TRIAL,
        RESULT_PASSED,
        ACCEPTED,
        OPERATING,
        replace(SPENT, amount=400_000, occurred_at=at("2024-09-01")),
        USED,
        EVALUATED,
        *SUCCESSOR,
        RETIRED,
    )


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        ((), AWARDED, "unknown-project"),
        (TO_NOTICE, AWARDED, "not-approved"),
        ((*TO_CONTRACT, TERMINATED), after([TERMINATED], SECOND), "not-approved"),
        ((*TO_CONTRACT, RECAST), after([RECAST], SECOND), "not-approved"),
        (TO_CONTRACT, AWARDED, "contract-awarded"),
        (TO_APPROVAL, replace(AWARDED, amount=900_001), "beyond-budget"),
        (TO_CONTRACT, replace(SECOND, amount=100_001), "beyond-budget"),
        ((*TO_CONTRACT, CHANGED), after([CHANGED], SECOND), "beyond-budget"),
    ],
)
def test_contracts_stay_within_the_approved_budget(
    history: tuple[Event, ...], proposed: Event, code: str
) -> None:
    given(*history).when(proposed).refused(code)


def test_contracts_may_use_up_the_budget() -> None:
    given(*TO_CONTRACT).when(SECOND).admitted()
    lower = replace(AMENDED, to_amount=750_000)
    given(*TO_CONTRACT, CHANGED, lower).when(SECOND).admitted()


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        (TO_APPROVAL, AMENDED, "unknown-contract"),
        (TO_CONTRACT, replace(AMENDED, supplier="w"), "other-contract"),
        (TO_CONTRACT, replace(AMENDED, project="q"), "other-contract"),
        ((*TO_CONTRACT, RECAST), after([RECAST], AMENDED), "not-approved"),
        (TO_CONTRACT, replace(AMENDED, from_amount=1), "other-amount"),
        ((*TO_CONTRACT, SPENT), replace(AMENDED, to_amount=299_999), "below-spending"),
        (TO_CONTRACT, replace(AMENDED, to_amount=900_001), "beyond-budget"),
        ((*TO_CONTRACT, SECOND), replace(AMENDED, to_amount=800_001), "beyond-budget"),
    ],
)
def test_an_amendment_stays_between_spending_and_budget(
    history: tuple[Event, ...], proposed: Event, code: str
) -> None:
    given(*history).when(proposed).refused(code)


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        (TO_APPROVAL, SPENT, "unknown-contract"),
        (TO_CONTRACT, replace(SPENT, supplier="w"), "other-contract"),
        (TO_CONTRACT, replace(SPENT, system="s2"), "other-system"),
        (TO_CONTRACT, replace(SPENT, amount=800_001), "beyond-contract"),
        ((*TO_CONTRACT, SPENT), replace(SPENT, amount=500_001), "beyond-contract"),
    ],
)
def test_spending_does_not_exceed_its_contract(
    history: tuple[Event, ...], proposed: Event, code: str
) -> None:
    given(*history).when(proposed).refused(code)


def test_what_is_owed_is_paid_after_termination_too() -> None:
    chain(*TO_CONTRACT, SPENT, TERMINATED, replace(SPENT, amount=500_000, occurred_at=at("2024-07-01")))


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        (TO_NOTICE, CHANGED, "not-approved"),
        ((*TO_NOTICE, RETURNED), replace(CHANGED, occurred_at=at("2024-01-14")), "returned"),
        (TO_APPROVAL, replace(CHANGED, budget=809_999), "beyond-tolerance"),
        (TO_APPROVAL, replace(CHANGED, budget=990_001), "beyond-tolerance"),
        ((*TO_APPROVAL, CHANGED), replace(CHANGED, budget=800_000), "beyond-tolerance"),
        (TO_APPROVAL, replace(CHANGED, completion="2025-01-31"), "beyond-tolerance"),
        (TO_APPROVAL, replace(RECAST, returns_to_approval=False), "beyond-tolerance"),
        (TO_CONTRACT, replace(RECAST, budget=799_999), "below-contracts"),
        (TO_APPROVAL, replace(RECAST, added_techniques=["云计算"]), "technique-there"),
        (TO_APPROVAL, replace(RECAST, dropped_techniques=["区块链"]), "technique-missing"),
    ],
)
def test_a_change_beyond_tolerance_returns_to_approval(
    history: tuple[Event, ...], proposed: Event, code: str
) -> None:
    given(*history).when(proposed).refused(code)


def test_a_change_within_tolerance_needs_no_approval() -> None:
    chain(*TO_CONTRACT, replace(CHANGED, budget=990_000, completion="2025-01-30"), STARTED)
    given(*TO_CONTRACT).when(replace(CHANGED, budget=None, completion="2024-06-30")).admitted()


def test_a_tolerated_change_moves_the_limit_of_contracts() -> None:
    dearer = replace(CHANGED, budget=990_000)
    second = after([dearer], SECOND)
    given(*TO_CONTRACT, dearer).when(replace(second, amount=190_000)).admitted()
    given(*TO_CONTRACT, dearer).when(replace(second, amount=190_001)).refused("beyond-budget")


def test_the_tolerance_is_the_one_in_force_that_day() -> None:
    none = replace(RULES, since="2024-03-01", budget_tolerance=0, occurred_at=at("2024-02-01"))
    given(*TO_APPROVAL, none).when(CHANGED).refused("beyond-tolerance")
    given(*TO_APPROVAL, replace(none, since="2024-03-02")).when(CHANGED).admitted()


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        (TO_NOTICE, LINKED, "not-approved"),
        ((*TO_APPROVAL, LINKED), LINKED, "linked-already"),
        (TO_APPROVAL, UNLINKED, "not-linked"),
        ((*TO_APPROVAL, LINKED, UNLINKED), UNLINKED, "not-linked"),
    ],
)
def test_data_sets_and_sites_are_linked_once(history: tuple[Event, ...], proposed: Event, code: str) -> None:
    given(*history).when(proposed).refused(code)


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        (TO_NOTICE, STARTED, "not-approved"),
        (TO_APPROVAL, STARTED, "not-contracted"),
        (TO_CONTRACT, FIRST_ACCEPTED, "out-of-order"),
        ((*TO_CONTRACT, STARTED), STARTED, "out-of-order"),
        ((*TO_CONTRACT, STARTED), ON_TRIAL, "out-of-order"),
        (TO_TRIAL, OPERATING, "not-accepted"),
        ((*TO_ACCEPTANCE, OPERATING), OPERATING, "out-of-order"),
    ],
)
def test_milestones_are_passed_in_order(history: tuple[Event, ...], proposed: Event, code: str) -> None:
    given(*history).when(proposed).refused(code)


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        (TO_NOTICE, ACCEPTED, "not-approved"),
        (TO_APPROVAL, ACCEPTED, "not-contracted"),
        ((*TO_CONTRACT, STARTED, FIRST_ACCEPTED), RESULT_PASSED, "no-trial-run"),
        ((*TO_CONTRACT, STARTED, FIRST_ACCEPTED), ACCEPTED, "no-trial-run"),
        ((*TO_TRIAL, RESULT_PASSED), replace(ACCEPTED, occurred_at=at("2024-07-30")), "trial-running"),
        (TO_TRIAL, ACCEPTED, "not-reviewed"),
        ((*TO_TRIAL, replace(RESULT_PASSED, passed=False)), ACCEPTED, "review-failed"),
        ((*TO_TRIAL, RESULT_PASSED), replace(ACCEPTED, system="s2"), "other-system"),
        ((*TO_TRIAL, RESULT_PASSED), replace(ACCEPTED, suppliers=[]), "other-suppliers"),
        (TO_ACCEPTANCE, ACCEPTED, "not-approved"),
    ],
)
def test_final_acceptance_follows_trial_run_and_review(
    history: tuple[Event, ...], proposed: Event, code: str
) -> None:
    given(*history).when(proposed).refused(code)


def test_the_result_is_reviewed_again_after_a_change_of_content() -> None:
    recast = replace(RECAST, occurred_at=at("2024-07-31"))
    approved = replace(APPROVED, occurred_at=at("2024-07-31"))
    given(*TO_TRIAL, RESULT_PASSED, recast, approved).when(ACCEPTED).refused("not-reviewed")


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        (TO_TRIAL, EVALUATED, "not-accepted"),
        (TO_ACCEPTANCE, replace(EVALUATED, suppliers=["w"]), "other-suppliers"),
        ((RULES,), TERMINATED, "unknown-project"),
        (TO_ACCEPTANCE, replace(TERMINATED, occurred_at=at("2024-09-01")), "not-filed"),
        ((*TO_CONTRACT, TERMINATED), TERMINATED, "not-filed"),
        (TO_CONTRACT, replace(TERMINATED, system="s2"), "other-system"),
        (TO_APPROVAL, TERMINATED, "other-suppliers"),
    ],
)
def test_a_project_is_evaluated_after_acceptance_and_ended_before(
    history: tuple[Event, ...], proposed: Event, code: str
) -> None:
    given(*history).when(proposed).refused(code)


def test_a_project_may_be_ended_early() -> None:
    chain(RULES, FILED, replace(TERMINATED, suppliers=[], reason="withdrawn"))
