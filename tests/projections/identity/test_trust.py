"""Identity providers and applications."""

from __future__ import annotations

from msgspec.structs import replace

from events.identity.trust import ApplicationDisconnected, IdentityProviderDistrusted
from projections.identity.trust import Application, IdentityProvider
from streams.scenario import at, given
from tests.contexts.identity import CONNECTED, TRUSTED


def test_an_identity_provider_from_trust_to_distrust() -> None:
    distrusted = IdentityProviderDistrusted(provider="idp", reason="breached", occurred_at=at("2024-06-01"))
    row = IdentityProvider(
        "idp", "trusted", "Authentication centre", "smec", "municipality", 3, since="2024-01-01"
    )
    assert given(TRUSTED).row("identity-providers", "idp") == row
    assert given(TRUSTED, distrusted).row("identity-providers", "idp") == replace(
        row, status="distrusted", since="2024-06-01", reason="breached"
    )
    assert given(TRUSTED, distrusted, TRUSTED).row("identity-providers", "idp") == row


def test_an_application_from_connection_to_disconnection() -> None:
    disconnected = ApplicationDisconnected(application="app", reason="retired", occurred_at=at("2024-06-01"))
    row = Application(
        "app", "connected", "Digital textbooks", "smec", 2, ["school", "grade"], since="2024-01-01"
    )
    assert given(CONNECTED).row("applications", "app") == row
    assert given(CONNECTED, disconnected).row("applications", "app") == replace(
        row, status="disconnected", attributes=[], since="2024-06-01", reason="retired"
    )
