"""Accounts (账号绑定) and single sign-on (单点登录)."""

from __future__ import annotations

from typing import Annotated, Literal

from events.event import Cites, Event, EventIdentity, Number, PersonId, Tag
from events.identity.vocabulary import Assurance, Attribute, ProviderId

AccountId = Annotated[Number, Tag("account")]


class AccountLinked(Event, frozen=True):
    """An account at an identity provider has been linked to a person (账号绑定)."""

    person: PersonId
    account: AccountId
    provider: Number


class AccountUnlinked(Event, frozen=True):
    """An account is no longer linked to the person."""

    person: PersonId
    account: AccountId
    reason: Literal["left", "compromised", "mistaken", "by-request", "provider-closed"]


class LoginSucceeded(Event, frozen=True):
    """A person has signed on to an application, which received these `attributes` of theirs."""

    person: PersonId
    account: AccountId
    provider: ProviderId
    application: Number
    assurance: Assurance
    attributes: list[Attribute] = []


class LoginFailed(Event, frozen=True):
    """An attempt to sign on has failed; it names no person, and the account only if it exists."""

    provider: ProviderId
    application: Number
    assurance: Assurance
    reason: Literal["wrong-credential", "locked", "expired", "second-factor", "unknown-account", "other"]
    account: AccountId | None = None


class SessionEnded(Event, frozen=True):
    """A session has ended; `login` is the identity of the login that began it."""

    person: PersonId
    login: Annotated[EventIdentity, Cites(types=(LoginSucceeded,), about=("person",))]
    how: Literal["signed-out", "timed-out", "terminated"]


EVENTS = (
    AccountLinked,
    AccountUnlinked,
    LoginSucceeded,
    LoginFailed,
    SessionEnded,
)
