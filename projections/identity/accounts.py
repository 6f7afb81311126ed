"""Accounts: their holders and their last use, from which dormant accounts are found."""

from __future__ import annotations

from msgspec import Struct

from events.clock import days_between
from events.identity.accounts import AccountLinked, AccountUnlinked, LoginFailed, LoginSucceeded
from projections.read_model import ReadModel


class Account(Struct):
    """An account: its holder, its last login (to find dormant accounts), and the failed attempts since."""

    account: str
    status: str = "unknown"
    person: str | None = None
    provider: str | None = None
    since: str | None = None
    last_login: str | None = None
    last_application: str | None = None
    failed_since: int = 0

    def at(self, day: str) -> dict[str, object]:
        """Return how many days the account had been idle on a day, since its last login or else its linking."""
        used = self.last_login or self.since
        return {"idle_days": None if used is None else max(0, days_between(used, day))}


def account(row: Account, event: AccountLinked | AccountUnlinked | LoginSucceeded | LoginFailed) -> None:
    """Follow an account's links and logins; `since` is the day on which it was last linked or unlinked."""
    match event:
        case LoginSucceeded():
            row.last_login, row.last_application, row.failed_since = event.day, event.application, 0
        case LoginFailed():
            row.failed_since += 1
        case AccountLinked():
            row.status, row.person, row.provider = "linked", event.person, event.provider
            row.since, row.last_login, row.last_application = event.day, None, None
            row.failed_since = 0
        case AccountUnlinked():
            row.status, row.since = "unlinked", event.day


READ_MODELS = (
    ReadModel(
        "accounts",
        "account",
        Account,
        account,
        filter=("person", "provider", "status"),
        sort=("last_login", "since", "failed_since"),
    ),
)
