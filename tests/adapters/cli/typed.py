"""The type of the fixture that types a command."""

from __future__ import annotations

from collections.abc import Callable

Typed = Callable[..., tuple[int, str, str]]
"""Type a command; return its status, output and errors."""
