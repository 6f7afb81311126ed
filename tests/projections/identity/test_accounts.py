"""Accounts: linking, logins and idle days."""

from __future__ import annotations

from msgspec.structs import replace

from events.identity.accounts import AccountUnlinked
from projections.identity.accounts import Account
from streams.scenario import at, given
from tests.contexts.identity import FAILED, FEDERATION, LINKED, LOGIN


def test_an_account_from_link_to_unlink() -> None:
    linked = Account("acc", "linked", "p", "idp", since="2024-01-02")
    assert given(*FEDERATION).row("accounts", "acc") == linked
    failed = given(*FEDERATION, LOGIN, FAILED, FAILED)
    used = replace(linked, last_login="2024-03-01", last_application="app", failed_since=2)
    assert failed.row("accounts", "acc") == used
    assert given(*FEDERATION, FAILED, LOGIN).row("accounts", "acc").failed_since == 0
    unlinked = AccountUnlinked(person="p", account="acc", reason="left", occurred_at=at("2024-04-01"))
    ended = given(*FEDERATION, LOGIN, unlinked)
    assert ended.row("accounts", "acc") == replace(
        used, status="unlinked", since="2024-04-01", failed_since=0
    )
    again = given(*FEDERATION, LOGIN, unlinked, replace(LINKED, person="q", occurred_at=at("2024-05-01")))
    assert again.row("accounts", "acc") == Account("acc", "linked", "q", "idp", since="2024-05-01")


def test_idle_days_depend_on_the_day() -> None:
    account = given(*FEDERATION, LOGIN).row("accounts", "acc")
    assert account.at("2024-03-31") == {"idle_days": 30}
    assert account.at("2024-02-01") == {"idle_days": 0}
    assert given(*FEDERATION).row("accounts", "acc").at("2024-01-12") == {"idle_days": 10}
    assert Account("never linked").at("2024-01-01") == {"idle_days": None}
