"""`pujiang erasure`."""

from __future__ import annotations

from pathlib import Path

from tests.adapters.cli.typed import Typed


def test_a_certificate_of_who_was_not_erased_and_one_that_is_none(typed: Typed, tmp_path: Path) -> None:
    status, _, told = typed("erasure", "certificate", "p-1")
    assert (status, told) == (1, "pujiang: person:p-1 was not erased\n")
    file = tmp_path / "certificate"
    file.write_text("nothing of the kind")
    key = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    status, _, told = typed("erasure", "check", str(file), "--key", key)
    assert (status, "this is not a signed note" in told) == (1, True)
    status, _, told = typed("erasure", "check", str(file), "--key", "none")
    assert (status, "is not a verifier key" in told) == (2, True)
