"""`pujiang rebuild` and `retry`: fold the log again, in place of the live rows."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from adapters.cli.app import console, existing, fail, progress
from adapters.cli.options import Models, Processes, model_named, models_named
from adapters.postgres.read.store import open_parts
from adapters.run.site import database
from streams.project.rebuild import Rebuild
from streams.workers.partitions import retry as retried


def rebuild(models: Models = None, *, processes: Processes = 2) -> None:
    """Build read models anew beside the live ones, and swap them in; queries and publishing go on."""
    wanted = models_named(models)
    with database(existing()) as found, progress("rebuilding") as (bar, task):
        Rebuild(partial(open_parts, found.url), processes=processes).run(
            wanted, lambda done, total: bar.update(task, completed=done, total=total)
        )
    console.print(f"rebuilt {len(wanted)} read models")


def retry(
    model: Annotated[str, typer.Argument(help="A read model that holds events back; see status.")],
) -> None:
    """Fold what a read model holds back afresh, after its cause has been mended."""
    found = model_named(model)
    with database(existing()) as opened, open_parts(opened.url) as parts:
        try:
            released = retried(parts, found)
        except LookupError as error:
            raise fail(f"{error}: start `pujiang serve`, which builds it") from error
        left = len({each.tag for each in parts.store.held(model)})
    console.print(f"{released} keys of {model} released, {left} still held")
    if left:
        raise typer.Exit(1)
