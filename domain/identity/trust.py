"""The trust federation (互信认证): which identity providers are trusted, which applications connected."""

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
    """Whether an identity provider is trusted, and up to which assurance; 0 where it is not."""

    provider: str
    known: bool = False
    assurance: int = 0


def provider(state: Provider, event: IdentityProviderTrusted | IdentityProviderDistrusted) -> None:
    """Follow the trust in a provider."""
    state.known = True
    state.assurance = event.assurance if isinstance(event, IdentityProviderTrusted) else 0


PROVIDER = Fold("identity-provider", Provider, provider)


class Application(Struct):
    """Whether an application is connected, which assurance it demands, and what it may be given."""

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
    """A provider that is trusted is not trusted again; other terms follow upon distrust."""
    refuse_if(provider.assurance, "provider-trusted", f"{proposed.provider} is trusted already")


def distrusted_when_trusted(provider: Provider, proposed: IdentityProviderDistrusted) -> None:
    """Only a trusted provider is distrusted."""
    trusted(provider)


def trusted(provider: Provider) -> None:
    """Refuse where an identity provider is not trusted."""
    if not provider.known:
        raise TooEarly("unknown-identity-provider", f"no identity provider {provider.provider} is known")
    if not provider.assurance:
        raise Refused("provider-distrusted", f"the identity provider {provider.provider} is not trusted")


def connected_once(application: Application, proposed: ApplicationConnected) -> None:
    """An application that is connected is not connected again; other grants follow upon disconnection."""
    refuse_if(application.connected, "application-connected", f"{proposed.application} is connected already")


def disconnected_when_connected(application: Application, proposed: ApplicationDisconnected) -> None:
    """Only a connected application is disconnected."""
    connected(application)


def connected(application: Application) -> None:
    """Refuse where an application is not connected to single sign-on."""
    if not application.known:
        raise TooEarly("unknown-application", f"no application {application.application} is known")
    if not application.connected:
        raise Refused("application-disconnected", f"{application.application} is not connected")


RULES = (
    Rule(trusted_once, PROVIDER),
    Rule(distrusted_when_trusted, PROVIDER),
    Rule(connected_once, APPLICATION),
    Rule(disconnected_when_connected, APPLICATION),
)
