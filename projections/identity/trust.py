"""The trust federation (互信认证): identity providers, and the applications connected to single sign-on."""

from __future__ import annotations

from msgspec import Struct, field

from events.identity.trust import (
    ApplicationConnected,
    ApplicationDisconnected,
    IdentityProviderDistrusted,
    IdentityProviderTrusted,
)
from events.identity.vocabulary import Attribute
from projections.life_cycle import LifeCycle, Step
from projections.read_model import ReadModel


class IdentityProvider(Struct):
    """An identity provider: its operator, its tier, and the assurance level up to which it is trusted."""

    provider: str
    status: str = "unknown"
    name: str = ""
    operator: str = ""
    tier: str = ""
    assurance: int = 0
    since: str | None = None
    reason: str | None = None


PROVIDER_STEPS = LifeCycle(
    IdentityProvider,
    {IdentityProviderTrusted: Step("trusted"), IdentityProviderDistrusted: Step("distrusted")},
    since="since",
)


def identity_provider(
    row: IdentityProvider, event: IdentityProviderTrusted | IdentityProviderDistrusted
) -> None:
    """Follow trust in a provider; `since` is the day on which it last began or ended."""
    PROVIDER_STEPS.follow(row, event)
    match event:
        case IdentityProviderTrusted():
            row.name, row.operator = event.name, event.operator
            row.tier, row.assurance, row.reason = event.tier, event.assurance, None
        case IdentityProviderDistrusted():
            row.reason = event.reason


class Application(Struct):
    """An application: its operator, the assurance that it requires, and the personal attributes it receives."""

    application: str
    status: str = "unknown"
    name: str = ""
    operator: str = ""
    assurance: int = 0
    attributes: list[Attribute] = field(default_factory=list)
    since: str | None = None
    reason: str | None = None


APPLICATION_STEPS = LifeCycle(
    Application,
    {ApplicationConnected: Step("connected"), ApplicationDisconnected: Step("disconnected")},
    since="since",
)


def application(row: Application, event: ApplicationConnected | ApplicationDisconnected) -> None:
    """Follow an application's connection; `since` is the day on which it last began or ended."""
    APPLICATION_STEPS.follow(row, event)
    match event:
        case ApplicationConnected():
            row.name, row.operator = event.name, event.operator
            row.assurance, row.attributes, row.reason = event.assurance, event.attributes, None
        case ApplicationDisconnected():
            row.attributes, row.reason = [], event.reason


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
