"""`pujiang rebuild` and `retry`: fold the log again, to replace live rows."""

from __future__ import annotations

import typer

from adapters.cli.models import model_named, models_named
from adapters.cli.settings import existing
from adapters.cli.terminal import console, fail, progress
from adapters.run.parts import open_parts
from adapters.run.rebuild import rebuild as rebuilt
from adapters.run.site import database
from streams.workers.partitions import retry as retried


def rebuild(*, models: list[str] | None, processes: int) -> None:
    """Rebuild read models."""
    wanted = models_named(models)
    with database(existing()) as found, progress("rebuilding") as (bar, task):
        rebuilt(
            found.url,
            wanted,
            processes,
            lambda done, total: bar.update(task, completed=done, total=total),
        )
    console.print(f"rebuilt {len(wanted)} read models")


def retry(*, model: str) -> None:
    """Fold what was held back."""
    found = model_named(model)
    with database(existing()) as opened, open_parts(opened.url) as parts:
        try:
            released = retried(parts, found)
        except LookupError as error:
            raise fail(f"{error}: start `pujiang serve`, which builds it") from error
        left = len({each.tag for each in parts.store.held(model)})
    console.print(f"{released} keys of {model} released, {left} still held back")
    if left:
        raise typer.Exit(1)
