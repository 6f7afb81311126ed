"""`pujiang verify-receipt`: whether the log has what a receipt claims."""

from __future__ import annotations

from pathlib import Path

from adapters.cli.audit.notes import text_of, trusted
from adapters.cli.terminal import fail, print_line
from streams.tree.verifier import Unproven, open_receipts


def verify_receipt(*, file: Path, key: list[str] | None, policy: Path | None, entry: Path | None) -> None:
    """Verify a receipt."""
    keys, enough = trusted(key, policy)
    try:
        found = open_receipts(text_of(file), keys, None if entry is None else entry.read_bytes(), enough)
    except OSError as error:
        raise fail(f"{entry} cannot be read: {error}", 2) from error
    except Unproven as error:
        raise fail(f"{file}: {error}") from error
    for each in found:
        print_line(each)
