import pytest
from msgspec.structs import replace

from events.event import Event
from streams.scenario import at, chain, given
from tests.contexts.projects import (
    ACCEPTED,
    APPROVED,
    AWARDED,
    CONFIRMED,
    FILED,
    POSTED,
    RESULT_PASSED,
    RETIRED,
    RULES,
    STARTED,
    SUCCESSOR,
    TERMINATED,
    TO_ACCEPTANCE,
    TO_CONTRACT,
    USED,
)
from tests.contexts.samples import after, in_turn

OPERATION = replace(FILED, project="y", kind="operate", year=2025, occurred_at=at("2024-12-01"))
UPGRADE = replace(FILED, project="z", kind="upgrade", completion="2026-12-31", occurred_at=at("2025-01-01"))
WITHDRAWN = replace(TERMINATED, project="y", suppliers=[], reason="withdrawn", occurred_at=at("2024-12-02"))


def test_a_year_of_operation_needs_no_trial_run() -> None:
    posted = replace(POSTED, kind="operate", year=2025, until="2024-12-31", occurred_at=at("2024-12-03"))
    chain(
        *TO_ACCEPTANCE,
        OPERATION,
        replace(CONFIRMED, project="y", occurred_at=at("2024-12-02")),
        replace(posted, project="y"),
        replace(APPROVED, project="y", occurred_at=at("2025-01-02")),
        replace(AWARDED, project="y", contract="c-y", occurred_at=at("2025-01-03")),
        replace(STARTED, project="y", occurred_at=at("2025-01-04")),
        replace(RESULT_PASSED, project="y", occurred_at=at("2025-12-30")),
        replace(ACCEPTED, project="y", occurred_at=at("2025-12-31")),
    )


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        ((FILED,), replace(FILED, project="q"), "system-filed"),
        ((), UPGRADE, "unknown-system"),
        ((), OPERATION, "unknown-system"),
        ((FILED, OPERATION), replace(OPERATION, project="q"), "operation-filed"),
        ((*TO_ACCEPTANCE, RETIRED), replace(UPGRADE, occurred_at=at("2026-02-01")), "system-retired"),
        (
            (*TO_ACCEPTANCE, RETIRED),
            after([RETIRED], replace(FILED, project="q", completion="2099-12-31")),
            "system-retired",
        ),
    ],
)
def test_projects_are_filed_for_systems_that_fit(
    history: tuple[Event, ...], proposed: Event, code: str
) -> None:
    given(*history).when(proposed).refused(code)


def test_a_system_may_be_upgraded_and_operated_every_year() -> None:
    chain(*TO_ACCEPTANCE, OPERATION, UPGRADE, replace(OPERATION, project="q", year=2026))


def test_what_was_withdrawn_may_be_filed_anew() -> None:
    chain(*in_turn(*TO_ACCEPTANCE, OPERATION, WITHDRAWN, replace(OPERATION, project="q")))
    chain(*in_turn(RULES, FILED, replace(TERMINATED, suppliers=[]), replace(FILED, project="q")))


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        (TO_CONTRACT, USED, "unknown-system"),
        ((*TO_ACCEPTANCE, USED), USED, "usage-reported"),
        (TO_ACCEPTANCE, replace(USED, month="2024-09"), "month-not-over"),
        (
            (*TO_ACCEPTANCE, RETIRED),
            replace(USED, month="2026-02", occurred_at=at("2026-03-01")),
            "system-retired",
        ),
    ],
)
def test_use_is_reported_once_a_month(history: tuple[Event, ...], proposed: Event, code: str) -> None:
    given(*history).when(proposed).refused(code)


def test_the_last_month_of_use_may_be_reported_afterwards() -> None:
    last = replace(USED, month="2026-01", occurred_at=at("2026-02-01"))
    given(*TO_ACCEPTANCE, RETIRED).when(last).admitted()


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        (TO_CONTRACT, RETIRED, "unknown-system"),
        ((*TO_ACCEPTANCE, *SUCCESSOR, RETIRED), RETIRED, "system-retired"),
        (TO_ACCEPTANCE, replace(RETIRED, successor="s"), "its-own-successor"),
        (TO_ACCEPTANCE, RETIRED, "unknown-system"),
        (
            (*TO_ACCEPTANCE, *SUCCESSOR, replace(RETIRED, system="s2", successor=None)),
            RETIRED,
            "system-retired",
        ),
    ],
)
def test_a_system_is_retired_once_for_another_in_service(
    history: tuple[Event, ...], proposed: Event, code: str
) -> None:
    given(*history).when(proposed).refused(code)


def test_a_system_may_go_without_a_successor() -> None:
    given(*TO_ACCEPTANCE).when(replace(RETIRED, successor=None)).admitted()
