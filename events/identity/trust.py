"""Trust: identity providers (身份提供方) and the applications that rely on them."""

from __future__ import annotations

from typing import Annotated

from events.event import Event, Name, Number, Tag, Text
from events.identity.vocabulary import Assurance, Attribute, ProviderId, Tier

ApplicationId = Annotated[Number, Tag("application")]


class IdentityProviderTrusted(Event, frozen=True):
    """The authentication centre trusts an identity provider (互信认证) up to an assurance level."""

    provider: ProviderId
    name: Name
    operator: Number
    tier: Tier
    assurance: Assurance


class IdentityProviderDistrusted(Event, frozen=True):
    """An identity provider is no longer trusted."""

    provider: ProviderId
    reason: Text


class ApplicationConnected(Event, frozen=True):
    """An application has been connected to single sign-on (单点登录), and granted these attributes."""

    application: ApplicationId
    name: Name
    operator: Number
    assurance: Assurance
    attributes: list[Attribute]


class ApplicationDisconnected(Event, frozen=True):
    """An application is no longer connected to single sign-on."""

    application: ApplicationId
    reason: Text


EVENTS = (
    IdentityProviderTrusted,
    IdentityProviderDistrusted,
    ApplicationConnected,
    ApplicationDisconnected,
)
