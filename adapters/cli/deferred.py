"""Commands whose modules are imported when they run: help and the other commands do not pay for them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from msgspec import Struct
from typer.core import TyperCommand
from typer.main import get_command


class CommandEntry(Struct, frozen=True):
    """A command in the list: its name, the function that it runs, and what help says of it in one sentence."""

    name: str
    module: str
    function: str
    help: str

    def load(self) -> Any:
        """Import the function, and return it as a command."""
        app = typer.Typer(add_completion=False, rich_markup_mode="markdown")
        app.command(self.name)(getattr(import_module(self.module), self.function))
        return get_command(app)


def add(app: typer.Typer, entry: CommandEntry) -> None:
    """Add a command to an application by its entry alone."""
    app.command(entry.name, help=entry.help, cls=_deferred(entry))(_placeholder)


def _deferred(entry: CommandEntry) -> type[TyperCommand]:
    class Deferred(TyperCommand):
        """The command as help lists it. Its context, which is made to run it, is that of the real one."""

        def make_context(
            self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
        ) -> Any:
            return entry.load().make_context(info_name, args, parent, **extra)

    return Deferred


def _placeholder() -> None:
    """Stand where Typer wants a function; it never runs."""
