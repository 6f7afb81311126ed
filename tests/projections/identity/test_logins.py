"""The audit of logins."""

from __future__ import annotations

from msgspec.structs import replace

from events.identity.accounts import SessionEnded
from projections.identity.logins import PersonLogins, ProviderLogins
from streams.scenario import at, given
from tests.contexts.identity import FAILED, FEDERATION, LOGIN


def test_a_persons_logins_are_counted_by_day() -> None:
    history = given(
        *FEDERATION,
        LOGIN,
        replace(LOGIN, application="other", assurance=1),
        replace(LOGIN, assurance=3),
        SessionEnded(person="p", login="idp#1", how="signed-out", occurred_at=at("2024-03-01")),
        SessionEnded(person="p", login="idp#2", how="timed-out", occurred_at=at("2024-03-02")),
        replace(LOGIN, occurred_at=at("2024-03-03")),
    )
    assert history.rows("logins-by-person") == [
        PersonLogins("p", "2024-03-01", 3, {"app": 2, "other": 1}, lowest_assurance=1, sessions_ended=1),
        PersonLogins("p", "2024-03-02", sessions_ended=1),
        PersonLogins("p", "2024-03-03", 1, {"app": 1}, lowest_assurance=2),
    ]


def test_a_providers_logins_are_counted_by_day() -> None:
    history = given(*FEDERATION, LOGIN, FAILED, FAILED, replace(FAILED, reason="expired", account=None))
    assert history.rows("logins-by-provider") == [
        ProviderLogins("idp", "2024-03-01", succeeded=1, failed=3, reasons={"locked": 2, "expired": 1})
    ]
