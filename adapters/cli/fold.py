"""`pujiang replay` and `rebuild`: fold the log again, beside the live rows or in their place."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

import msgspec
import typer

from adapters.cli.app import console, fail, progress, settings
from adapters.cli.look import AsJson, model_named
from adapters.postgres.read_models import open_parts
from adapters.wiring import database
from projections.catalogue import READ_MODELS
from projections.read_model import ReadModel
from streams.partitions import retry as retried
from streams.rebuild import Rebuild
from streams.replay import Outdated
from streams.replay import replay as replayed

Models = Annotated[list[str] | None, typer.Argument(metavar="[MODEL]...", help="Read models; all if none.")]
Processes = Annotated[int, typer.Option(min=1, max=64, help="How many processes fold.")]


def _models(named: list[str] | None) -> list[ReadModel[Any]]:
    return [model_named(each) for each in named] if named else list(READ_MODELS)


def rebuild(models: Models = None, *, processes: Processes = 2) -> None:
    """Build read models anew beside the live ones, and swap them in; queries and publishing go on."""
    wanted = _models(models)
    with database(settings()) as found, progress("rebuilding") as (bar, task):
        Rebuild(partial(open_parts, found.url), processes=processes).run(
            wanted, lambda done, total: bar.update(task, completed=done, total=total)
        )
    console.print(f"rebuilt {len(wanted)} read models")


def retry(
    model: Annotated[str, typer.Argument(help="A read model that holds events back; see status.")],
) -> None:
    """Fold what a read model holds back afresh, after its cause has been mended."""
    found = model_named(model)
    with database(settings()) as opened, open_parts(opened.url) as parts:
        released = retried(parts, found)
        left = len({each.tag for each in parts.store.held(model)})
    console.print(f"{released} keys of {model} released, {left} still held")
    if left:
        raise typer.Exit(1)


def replay(models: Models = None, *, processes: Processes = 2, as_json: AsJson = False) -> None:
    """Fold the whole log beside the live rows and tell every row that differs; then the exit status is 1."""
    wanted = _models(models)
    count = 0
    with database(settings()) as opened:
        try:
            with progress("replaying") as (bar, task):
                found = replayed(
                    partial(open_parts, opened.url),
                    wanted,
                    processes=processes,
                    progress=lambda done, total: bar.update(task, completed=done, total=total),
                )
                for each in found:
                    count += 1
                    told = msgspec.json.encode(each, enc_hook=str)
                    console.print(told.decode() if as_json else _line(each), soft_wrap=True, markup=False)
        except Outdated as error:
            raise fail(str(error)) from error
    console.print(f"{len(wanted)} read models replayed, {count} rows differ")
    if count:
        raise typer.Exit(1)


def _line(each: Any) -> str:
    return " ".join(f"{name}={value}" for name, value in msgspec.structs.asdict(each).items())
