"""Secrets: made at their first use, and known by name."""

from __future__ import annotations

from tests.adapters.keys.conftest import Opens


def test_a_secret_is_made_once_and_kept(opens: Opens) -> None:
    first, again = opens().secrets, opens().secrets
    assert again.get_or_make("find") == first.get_or_make("find") != again.get_or_make("document")


def test_secrets_are_known_by_name(opens: Opens) -> None:
    secrets = opens().secrets
    secrets.get_or_make("b")
    secrets.get_or_make("a")
    assert opens().secrets.names() == ["a", "b"]
