"""The trust federation (互信认证): identity providers, and the applications connected to sign-on."""

from __future__ import annotations

from msgspec import Struct, field

from events.identity.trust import (
    ApplicationConnected,
    ApplicationDisconnected,
    IdentityProviderDistrusted,
    IdentityProviderTrusted,
)
from events.identity.vocabulary import Attribute
from projections.read_model import ReadModel


class IdentityProvider(Struct):
    """An identity provider: who runs it, at which tier, and up to which assurance it is trusted."""

    provider: str
    status: str = "unknown"
    name: str = ""
    operator: str = ""
    tier: str = ""
    assurance: int = 0
    since: str | None = None
    reason: str | None = None


def identity_provider(
    row: IdentityProvider, event: IdentityProviderTrusted | IdentityProviderDistrusted
) -> None:
    """Follow the trust in a provider; `since` is the day on which it last began or ended."""
    match event:
        case IdentityProviderTrusted():
            row.status, row.name, row.operator = "trusted", event.name, event.operator
            row.tier, row.assurance, row.reason = event.tier, event.assurance, None
        case IdentityProviderDistrusted():
            row.status, row.reason = "distrusted", event.reason
    row.since = event.day


class Application(Struct):
    """An application: who runs it, which assurance it demands, and what of a person it is granted."""

    application: str
    status: str = "unknown"
    name: str = ""
    operator: str = ""
    assurance: int = 0
    attributes: list[Attribute] = field(default_factory=list)
    since: str | None = None
    reason: str | None = None


def application(row: Application, event: ApplicationConnected | ApplicationDisconnected) -> None:
    """Follow the connection of an application; `since` is the day on which it last began or ended."""
    match event:
        case ApplicationConnected():
            row.status, row.name, row.operator = "connected", event.name, event.operator
            row.assurance, row.attributes, row.reason = event.assurance, event.attributes, None
        case ApplicationDisconnected():
            row.status, row.attributes, row.reason = "disconnected", [], event.reason
    row.since = event.day


READ_MODELS = (
    ReadModel(
        "identity-providers",
        "identity-provider",
        IdentityProvider,
        identity_provider,
        filter=("status", "tier", "operator"),
        sort=("name", "since"),
    ),
    ReadModel(
        "applications",
        "application",
        Application,
        application,
        filter=("status", "operator"),
        sort=("name", "since"),
    ),
)
