"""Signed notes and the keys that verify them, as commands read them."""

from __future__ import annotations

from pathlib import Path

from adapters.cli.terminal import fail
from adapters.proof.witnesses import read_policy
from streams.tree.verifier import Enough, Key, Unproven, from_bytes


def read_key(text: str) -> Key:
    """Read a verifier key; the command ends if it is not one."""
    try:
        return Key.read(text)
    except Unproven as error:
        raise fail(str(error), 2) from error


def text_of(file: Path) -> str:
    """Read a file of text."""
    try:
        return from_bytes(file.read_bytes())
    except (OSError, Unproven) as error:
        raise fail(f"{file} cannot be read: {error}", 2) from error


def trusted(key: list[str] | None, policy: Path | None) -> tuple[list[Key], Enough | None]:
    """Return the keys given, and what decides which witnesses are enough: None if all of them have to sign."""
    if bool(key) == (policy is not None):
        raise fail("give either --key (once or more) or --policy", 2)
    if policy is None:
        return [read_key(each) for each in key or ()], None
    found = read_policy(policy)
    return [*found.keys], found.enough
