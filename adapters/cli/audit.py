"""`pujiang audit export` and `check`: take a part of the log away with what proves it, and check it anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adapters.cli.app import console, existing, fail, progress
from adapters.cli.verify import Keys, PolicyFile, trusted
from adapters.postgres.log.checkpoints import PostgresCheckpoints
from adapters.proof.bundle_writer import Bundling, NothingToExport, Wanted
from adapters.run.site import Site, site
from streams.proof.bundle.check import check as checked


def export(
    *,
    tag: Annotated[
        list[str] | None, typer.Option(help="kind:value; entries that have all that are given.")
    ] = None,
    first: Annotated[int | None, typer.Option("--from", min=1, help="The first position of a range.")] = None,
    last: Annotated[int | None, typer.Option("--to", min=1, help="The last one.")] = None,
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path("audit.tar"),
) -> None:
    """Write entries, what proves that the log has them, and what they say, into one file. What is sealed stays so."""
    ranged = first is not None or last is not None
    if bool(tag) == ranged:
        raise fail("give either --tag, or --from and --to", 2)
    for each in tag or ():
        if not all(each.partition(":")):
            raise fail(f"a tag is kind:value, such as school:s-1, and not {each!r}", 2)
    if out.exists():
        raise fail(f"{out} is there already", 2)
    with site(existing()) as opened:
        bundling = Bundling(opened.log, opened.codec, _latest(opened))
        range_ = (first or 1, last or bundling.size) if ranged else None
        try:
            with progress("exporting") as (bar, task):
                manifest = bundling.write(
                    Wanted(tuple(tag or ()), range_),
                    out,
                    lambda done, all_: bar.update(task, completed=done, total=all_),
                )
        except NothingToExport as error:
            raise fail(str(error)) from error
        except OSError as error:
            raise fail(f"{out} cannot be written: {error}") from error
    told = f"{out}: {manifest.entries} entries of {manifest.origin}, under its checkpoint at size {manifest.size}"
    console.print(told, highlight=False, soft_wrap=True)


def _latest(opened: Site) -> str:
    published = PostgresCheckpoints(opened.url)
    try:
        note = published.latest(opened.origin)
    finally:
        published.close()
    if note is None:
        raise fail("the log has no checkpoint yet: `pujiang serve` makes them")
    return note


def check(
    file: Annotated[Path, typer.Argument(help="A bundle.")],
    *,
    key: Keys = None,
    policy: PolicyFile = None,
) -> None:
    """Check a bundle, offline: no database, no data home. Tells what does not hold, and where; then the exit status is 1.

    All witnesses whose keys are given must have cosigned its checkpoint; with a policy, those that are enough by it.
    """
    keys, enough = trusted(key, policy)
    try:
        with file.open("rb") as opened, progress("checking") as (bar, task):
            found = checked(
                opened,
                keys,
                enough=enough,
                progress=lambda done, all_: bar.update(task, completed=done, total=all_ or None),
            )
    except OSError as error:
        raise fail(f"{file} cannot be read: {error}", 2) from error
    for each in (*found.findings, found):
        typer.echo(str(each))
    if found.findings:
        raise typer.Exit(1)
