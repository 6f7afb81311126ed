"""How settings are read from the environment: each fault is a sentence that names the setting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

Told = Mapping[str, str]
"""What the environment tells, without what is empty: that counts as absent."""


class SettingsFault(Exception):
    """A setting cannot be used: which one, and why."""


def file(told: Told, name: str) -> Path | None:
    """Return the file that a setting names, None where it is not given. Raises SettingsFault where there is none."""
    if name not in told:
        return None
    path = Path(told[name]).expanduser().absolute()
    if not path.is_file():
        raise SettingsFault(f"{name} names {path}, which is no file")
    return path


def choice(told: Told, name: str, choices: Sequence[str]) -> str | None:
    """Return a setting that is one of a few words, None where it is not given. Raises SettingsFault."""
    text = told.get(name)
    if text is not None and text not in choices:
        raise SettingsFault(f"{name} is {text!r}: give one of {', '.join(choices)}")
    return text
