"""Certificates and their verification."""

from __future__ import annotations

from events.learning.certificates import CertificateRevoked
from streams.scenario import given
from tests.contexts.learning import CERTIFIED, some


def test_a_certificate_verifies_until_it_is_revoked() -> None:
    row = given(*CERTIFIED).row("certificates", "c-1")
    assert (row.status, row.title, row.institution) == ("valid", "Nursing assistant", "college")
    assert (row.holder, row.issued, row.awards) == (b"sealed", "2024-09-01", ["aw-1"])
    row = given(*CERTIFIED, some(CertificateRevoked)).row("certificates", "c-1")
    assert (row.status, row.revoked, row.reason) == ("revoked", "2024-10-01", b"issued in error")
    assert given(*CERTIFIED).row("certificates", "c-9") is None
