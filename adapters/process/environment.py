"""Reading settings from the environment. Each fault is a sentence that names the setting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

Environment = Mapping[str, str]
"""The variables by name. Those that are empty are left out: they count as absent."""


class SettingsFault(Exception):
    """A setting cannot be used; the sentence says which one, and why."""


def file(environment: Environment, name: str) -> Path | None:
    """Return the file that a setting names, None if it is absent. Raises SettingsFault if there is no such file."""
    if name not in environment:
        return None
    path = Path(environment[name]).expanduser().absolute()
    if not path.is_file():
        raise SettingsFault(f"{name} is {path}, but there is no such file")
    return path


def choice(environment: Environment, name: str, choices: Sequence[str]) -> str | None:
    """Return a setting that is one of `choices`, None if it is absent. Raises SettingsFault."""
    text = environment.get(name)
    if text is not None and text not in choices:
        raise SettingsFault(f"{name} is {text!r}: give one of {', '.join(choices)}")
    return text


def number(
    environment: Environment, name: str, default: int, meaning: str, *, most: int, least: int = 0
) -> int:
    """Return a whole number from `least` to `most`. Raises SettingsFault, whose sentence asks for `meaning`."""
    text = environment.get(name, str(default))
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise SettingsFault(f"{name} is {text!r}: give {meaning} from {least} to {most}")
    return int(text)
