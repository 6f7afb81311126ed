"""Commands: signatures, which are all that help and completion need; what they run is imported when it runs."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from functools import cached_property, partial, wraps
from importlib import import_module
from typing import Any, ClassVar, NoReturn

import typer
from typer._coercion import resolve_type_descriptor
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.models import OptionInfo

from adapters.cli.variables import Variable
from adapters.process.terminated import Terminated

Signature = Callable[..., None]


class Panel:
    """Commands that stand together in the help."""

    def __init__(self, name: str) -> None:
        self.app = typer.Typer()
        self._name = name

    def command(
        self, work: str, settings: Sequence[Variable] = (), name: str | None = None
    ) -> Callable[[Signature], Signature]:
        """Declare a command by its signature. `work` is the function that it runs, `module:function`."""

        def declare(signature: Signature) -> Signature:
            kind = type("Command", (_Command,), {"work": work, "settings": settings})
            self.app.command(name, cls=kind, rich_help_panel=self._name)(_running(work, signature))
            return signature

        return declare

    def group(self, name: str, sentence: str) -> Panel:
        """Declare commands under one word."""
        under = Panel(self._name)
        self.app.add_typer(
            under.app,
            name=name,
            cls=LightGroup,
            help=sentence,
            no_args_is_help=True,
            rich_help_panel=self._name,
        )
        return under


class LightGroup(TyperGroup):
    """A group whose flags are False by default: to read one that is None, Typer imports Pydantic, which takes 0.2 s."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the options of the group itself."""
        found = super().get_params(ctx)
        for each in found:
            if each.default is None:
                each.default = False
        return found


class _Command(TyperCommand):
    """A command that takes its settings as options too: such an option sets the environment variable."""

    work: ClassVar[str]
    settings: ClassVar[Sequence[Variable]]

    def get_params(self, ctx: Any) -> list[Any]:
        return [*super().get_params(ctx), *self._options]

    @cached_property
    def _options(self) -> list[TyperOption]:
        return [_option(each) for each in self.settings]


def _option(variable: Variable) -> TyperOption:
    return TyperOption(
        param_decls=[variable.option],
        type_descriptor=resolve_type_descriptor(str, OptionInfo()),
        metavar=variable.metavar,
        help=variable.help,
        envvar=variable.name,
        show_envvar=True,
        show_default=variable.default or False,
        expose_value=False,
        callback=partial(_set, variable.name),
        rich_help_panel="Settings",
    )


def _set(name: str, _context: object, _option: object, value: str | None) -> None:
    if value is not None:
        os.environ[name] = value


def _running(work: str, signature: Signature) -> Signature:
    module, _, function = work.partition(":")

    @wraps(signature)
    def run(**options: Any) -> None:
        found = getattr(import_module(module), function)
        _unwind_when_ended()
        found(**options)

    return run


def _unwind_when_ended() -> None:
    """From now on, Ctrl-C and SIGTERM end the command in order: it holds something, and logs."""
    from adapters.process import logging  # noqa: PLC0415 - help needs no logs, which take 0.1 s to import

    logging.configure()
    signal.signal(signal.SIGTERM, _terminate)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _terminate(_number: int, _frame: object) -> NoReturn:
    """End the command in order, as Ctrl-C does, with the status of a process that SIGTERM has ended."""
    raise Terminated
