"""The trust federation (互信认证): trusted identity providers and connected applications."""

from __future__ import annotations

from msgspec import Struct

from domain.rule import Refused, Rule, TooEarly, refuse_if
from events.fold import Fold
from events.identity.trust import (
    ApplicationConnected,
    ApplicationDisconnected,
    IdentityProviderDistrusted,
    IdentityProviderTrusted,
)
from events.identity.vocabulary import Attribute


class Provider(Struct):
    """Whether an identity provider is trusted, and up to which assurance level; 0 if it is not."""

    provider: str
    known: bool = False
    assurance: int = 0


def provider(state: Provider, event: IdentityProviderTrusted | IdentityProviderDistrusted) -> None:
    """Follow the trust in a provider."""
    state.known = True
    state.assurance = event.assurance if isinstance(event, IdentityProviderTrusted) else 0


PROVIDER = Fold("identity-provider", Provider, provider)


class Application(Struct):
    """Whether an application is connected, the assurance level it requires, and the attributes it may receive."""

    application: str
    known: bool = False
    connected: bool = False
    assurance: int = 0
    attributes: frozenset[Attribute] = frozenset()


def application(state: Application, event: ApplicationConnected | ApplicationDisconnected) -> None:
    """Follow the connection of an application."""
    state.known = True
    match event:
        case ApplicationConnected():
            state.connected, state.assurance = True, event.assurance
            state.attributes = frozenset(event.attributes)
        case ApplicationDisconnected():
            state.connected, state.attributes = False, frozenset()


APPLICATION = Fold("application", Application, application)


def trusted_once(provider: Provider, proposed: IdentityProviderTrusted) -> None:
    """A provider is not trusted twice; to change the terms of trust, withdraw it first."""
    refuse_if(
        provider.assurance,
        "provider-trusted",
        f"the identity provider {proposed.provider} is already trusted",
    )


def distrusted_when_trusted(provider: Provider, proposed: IdentityProviderDistrusted) -> None:
    """Trust is withdrawn only from a provider that is trusted."""
    trusted(provider)


def trusted(provider: Provider) -> None:
    """Refuse unless the identity provider is trusted."""
    if not provider.known:
        raise TooEarly("unknown-identity-provider", f"no identity provider {provider.provider} is known")
    if not provider.assurance:
        raise Refused("provider-distrusted", f"the identity provider {provider.provider} is not trusted")


def connected_once(application: Application, proposed: ApplicationConnected) -> None:
    """An application is not connected twice; to change its grants, disconnect it first."""
    refuse_if(
        application.connected,
        "application-connected",
        f"the application {proposed.application} is already connected",
    )


def disconnected_when_connected(application: Application, proposed: ApplicationDisconnected) -> None:
    """Only a connected application can be disconnected."""
    connected(application)


def connected(application: Application) -> None:
    """Refuse unless the application is connected to single sign-on."""
    if not application.known:
        raise TooEarly("unknown-application", f"no application {application.application} is known")
    if not application.connected:
        raise Refused(
            "application-disconnected", f"the application {application.application} is not connected"
        )


RULES = (
    Rule(trusted_once, PROVIDER),
    Rule(distrusted_when_trusted, PROVIDER),
    Rule(connected_once, APPLICATION),
    Rule(disconnected_when_connected, APPLICATION),
)
