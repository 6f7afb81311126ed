"""The audit of logins: by person and day, and by identity provider and day."""

from __future__ import annotations

from typing import Annotated

from msgspec import Struct, field

from events.identity.accounts import LoginFailed, LoginSucceeded, SessionEnded
from projections.read_model import OfDay, ReadModel


class PersonLogins(Struct):
    """A person's logins on a day: how many, by application, the lowest assurance level, and sessions ended."""

    person: str
    day: Annotated[str, OfDay()]
    succeeded: int = 0
    applications: dict[str, int] = field(default_factory=dict)
    lowest_assurance: int | None = None
    sessions_ended: int = 0


def person_logins(row: PersonLogins, event: LoginSucceeded | SessionEnded) -> None:
    """Count a login or the end of a session."""
    match event:
        case LoginSucceeded():
            row.succeeded += 1
            row.applications[event.application] = row.applications.get(event.application, 0) + 1
            lowest = row.lowest_assurance
            row.lowest_assurance = event.assurance if lowest is None else min(lowest, event.assurance)
        case SessionEnded():
            row.sessions_ended += 1


class ProviderLogins(Struct):
    """The logins through an identity provider on a day: successes, failures, and failures by reason."""

    provider: str
    day: Annotated[str, OfDay()]
    succeeded: int = 0
    failed: int = 0
    reasons: dict[str, int] = field(default_factory=dict)


def provider_logins(row: ProviderLogins, event: LoginSucceeded | LoginFailed) -> None:
    """Count a successful or failed login."""
    match event:
        case LoginSucceeded():
            row.succeeded += 1
        case LoginFailed():
            row.failed += 1
            row.reasons[event.reason] = row.reasons.get(event.reason, 0) + 1


READ_MODELS = (
    ReadModel(
        "logins-by-person",
        "person",
        PersonLogins,
        person_logins,
        anytime=(LoginSucceeded, SessionEnded),
        filter=("day",),
        sort=("day", "succeeded"),
    ),
    ReadModel(
        "logins-by-provider",
        "identity-provider",
        ProviderLogins,
        provider_logins,
        anytime=(LoginSucceeded, LoginFailed),
        filter=("day",),
        sort=("day", "succeeded", "failed"),
    ),
)
