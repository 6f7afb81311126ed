"""The trust federation, accounts, and single sign-on."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from events.event import Event
from events.identity.accounts import AccountUnlinked, LoginFailed, SessionEnded
from events.identity.persons import PersonsMerged
from events.identity.trust import ApplicationDisconnected, IdentityProviderDistrusted
from streams.scenario import chain, given
from tests.contexts.identity import CONNECTED, FEDERATION, LINKED, LOGIN, MERGED, TRUSTED
from tests.contexts.persons import registered
from tests.contexts.samples import in_turn

DISTRUSTED = IdentityProviderDistrusted(provider="idp", reason="breached")
DISCONNECTED = ApplicationDisconnected(application="app", reason="retired")
UNLINKED = AccountUnlinked(person="p", account="acc", reason="left")
FAILED = LoginFailed(provider="idp", application="app", assurance=2, reason="wrong-credential", account="acc")
ENDED = SessionEnded(person="p", login="idp#1", how="timed-out")


def test_the_federation_from_trust_to_distrust() -> None:
    events = [
        *FEDERATION,
        FAILED,
        LOGIN,
        ENDED,
        UNLINKED,
        replace(LINKED, person="q"),
        DISTRUSTED,
        replace(TRUSTED, assurance=4),
        DISCONNECTED,
        replace(CONNECTED, attributes=["name"]),
        replace(LOGIN, person="q", attributes=["name"], assurance=4),
    ]
    chain(*in_turn(*events))


def test_trust_and_connection_begin_once() -> None:
    given(TRUSTED).when(TRUSTED).refused("provider-trusted")
    given(CONNECTED).when(CONNECTED).refused("application-connected")


def test_what_does_not_stand_does_not_end() -> None:
    given().when(DISTRUSTED).refused("unknown-identity-provider")
    given(TRUSTED, DISTRUSTED).when(DISTRUSTED).refused("provider-distrusted")
    given().when(DISCONNECTED).refused("unknown-application")
    given(CONNECTED, DISCONNECTED).when(DISCONNECTED).refused("application-disconnected")


def test_an_account_belongs_to_one_person_at_a_time() -> None:
    other = replace(LINKED, person="q")
    given(*FEDERATION).when(other).refused("account-linked")
    given(*FEDERATION).when(LINKED).refused("account-linked")
    given(*FEDERATION, UNLINKED).when(other).admitted()


def test_an_account_is_linked_at_a_trusted_provider() -> None:
    given(*registered("p")).when(LINKED).refused(
        "unknown-identity-provider", "identity.linked_at_trusted_provider"
    )
    given(*registered("p"), TRUSTED, DISTRUSTED).when(LINKED).refused("provider-distrusted")


def test_an_account_is_unlinked_from_its_person() -> None:
    given(*FEDERATION).when(replace(UNLINKED, account="none")).refused("unknown-account")
    given(*FEDERATION).when(replace(UNLINKED, person="q")).refused("account-of-another")
    given(*FEDERATION, UNLINKED).when(UNLINKED).refused("account-unlinked")


@pytest.mark.parametrize("login", [LOGIN, FAILED])
def test_a_login_needs_trust_all_the_way(login: Event) -> None:
    people = (*registered("p"),)
    given(*people, CONNECTED, LINKED).when(login).refused(
        "unknown-identity-provider", "identity.signed_on_in_trust"
    )
    given(*people, TRUSTED, LINKED).when(login).refused("unknown-application", "identity.signed_on_in_trust")
    given(*FEDERATION, DISTRUSTED).when(login).refused("provider-distrusted")
    given(*FEDERATION, DISCONNECTED).when(login).refused("application-disconnected")
    given(*FEDERATION).when(login).admitted()


def test_a_login_is_through_the_persons_own_account() -> None:
    given(*FEDERATION).when(replace(LOGIN, account="none")).refused("unknown-account")
    given(*FEDERATION).when(replace(LOGIN, person="q")).refused("account-of-another")
    given(*FEDERATION, UNLINKED).when(LOGIN).refused("account-unlinked")
    elsewhere = replace(TRUSTED, provider="other")
    given(*FEDERATION, elsewhere).when(replace(LOGIN, provider="other")).refused("other-provider")


def test_after_a_merge_the_survivor_uses_the_accounts_of_both() -> None:
    survivor = replace(LOGIN, person="q")
    given(*FEDERATION, MERGED).when(survivor).admitted()
    given(*FEDERATION, MERGED).when(replace(UNLINKED, person="q")).admitted()
    onward = PersonsMerged(merged="q", surviving="t")
    given(*FEDERATION, MERGED, onward).when(replace(LOGIN, person="t")).admitted()


def test_assurance_is_neither_more_than_trusted_nor_less_than_demanded() -> None:
    given(*FEDERATION).when(replace(LOGIN, assurance=3)).admitted()
    given(*FEDERATION).when(replace(LOGIN, assurance=4)).refused("assurance-not-trusted")
    given(*FEDERATION).when(replace(LOGIN, assurance=1)).refused("assurance-too-low")


def test_an_application_gets_only_what_it_is_granted() -> None:
    given(*FEDERATION).when(replace(LOGIN, attributes=["grade", "school"])).admitted()
    refused = (
        given(*FEDERATION)
        .when(replace(LOGIN, attributes=["school", "name"]))
        .refused("attribute-not-granted", "identity.given_what_is_granted")
    )
    assert refused.sentence == "app is not granted: name"


def test_a_failed_login_names_no_account_that_is_not_one() -> None:
    given(*FEDERATION).when(replace(FAILED, account="secret")).refused("unknown-account")
    given(*FEDERATION).when(replace(FAILED, account=None)).admitted()
    given(*FEDERATION, UNLINKED).when(FAILED).admitted()
