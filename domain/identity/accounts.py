"""Accounts (账号绑定) and single sign-on (单点登录): a login counts only if everything behind it is trusted."""

from __future__ import annotations

from msgspec import Struct

from domain.identity.persons import NUMBER, PersonNumber
from domain.identity.trust import APPLICATION, PROVIDER, Application, Provider, connected, trusted
from domain.rule import Refused, Rule, TooEarly, ever, of, refuse_if
from events.fold import Fold
from events.identity.accounts import AccountLinked, AccountUnlinked, LoginFailed, LoginSucceeded


class Account(Struct):
    """The person an account is linked to and its identity provider; both empty if it is not linked."""

    account: str
    known: bool = False
    person: str = ""
    provider: str = ""


def account(state: Account, event: AccountLinked | AccountUnlinked) -> None:
    """Follow the link of an account."""
    match event:
        case AccountLinked():
            state.known, state.person, state.provider = True, event.person, event.provider
        case AccountUnlinked():
            state.person = state.provider = ""


ACCOUNT = Fold("account", Account, account, steps=True)


def account_of_one_person(account: Account, proposed: AccountLinked) -> None:
    """An account belongs to one person at a time."""
    refuse_if(
        account.person,
        "account-linked",
        f"the account {proposed.account} is already linked to somebody: unlink it first",
    )


def linked_at_trusted_provider(provider: Provider, proposed: AccountLinked) -> None:
    """An account is linked only if its identity provider is trusted."""
    trusted(provider)


def unlinked_from_its_person(account: Account, number: PersonNumber, proposed: AccountUnlinked) -> None:
    """An account is unlinked only from the person it is linked to."""
    linked(account, number)


def linked(account: Account, number: PersonNumber) -> None:
    """Refuse unless the account is linked to the person, under the present number or a merged one."""
    if not account.known:
        raise TooEarly("unknown-account", f"no account {account.account} is known")
    if not account.person:
        raise Refused("account-unlinked", f"the account {account.account} is not linked to anyone")
    if not number.stands_for(account.person):
        raise Refused("account-of-another", f"the account {account.account} is not linked to {number.person}")


def signed_on_through_linked_account(
    account: Account, number: PersonNumber, proposed: LoginSucceeded
) -> None:
    """A successful login goes through an account that is linked to the person at the named provider."""
    linked(account, number)
    if account.provider != proposed.provider:
        raise Refused(
            "other-provider",
            f"the account {account.account} is at {account.provider}, not at {proposed.provider}",
        )


def signed_on_in_trust(
    provider: Provider, application: Application, proposed: LoginSucceeded | LoginFailed
) -> None:
    """A login, successful or failed, goes through a trusted provider to a connected application."""
    trusted(provider)
    connected(application)


def signed_on_surely_enough(provider: Provider, application: Application, proposed: LoginSucceeded) -> None:
    """The assurance level of a login is one that the provider is trusted for and that the application accepts."""
    if proposed.assurance > provider.assurance:
        raise Refused(
            "assurance-not-trusted",
            f"{provider.provider} is trusted up to level {provider.assurance}, not {proposed.assurance}",
        )
    if proposed.assurance < application.assurance:
        raise Refused(
            "assurance-too-low",
            f"{application.application} requires level {application.assurance}; the login has {proposed.assurance}",
        )


def given_what_is_granted(application: Application, proposed: LoginSucceeded) -> None:
    """An application receives only the attributes of a person that it has been granted."""
    if proposed.attributes and not application.attributes.issuperset(proposed.attributes):
        more = sorted(set(proposed.attributes) - application.attributes)
        raise Refused("attribute-not-granted", f"{application.application} is not granted: {', '.join(more)}")


def failed_on_known_account(account: Account, proposed: LoginFailed) -> None:
    """A failed login names an account only if the account exists: what was typed may be anything, even a secret."""
    if proposed.account is not None and not account.known:
        raise TooEarly("unknown-account", "a failed login must not name an unknown account")


RULES = (
    Rule(account_of_one_person, ACCOUNT),
    Rule(linked_at_trusted_provider, of(PROVIDER, "provider")),
    Rule(unlinked_from_its_person, ACCOUNT, ever(NUMBER)),
    Rule(signed_on_in_trust, of(PROVIDER, "provider"), of(APPLICATION, "application")),
    Rule(signed_on_through_linked_account, ACCOUNT, ever(NUMBER)),
    Rule(signed_on_surely_enough, of(PROVIDER, "provider"), of(APPLICATION, "application")),
    Rule(given_what_is_granted, of(APPLICATION, "application")),
    Rule(failed_on_known_account, ACCOUNT),
)
