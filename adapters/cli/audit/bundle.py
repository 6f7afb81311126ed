"""`pujiang audit export` and `check`: export a part of the log with its proof, and check it anywhere."""

from __future__ import annotations

from pathlib import Path

import typer

from adapters.cli.audit.notes import trusted
from adapters.cli.settings import existing
from adapters.cli.terminal import console, fail, print_line, progress
from adapters.contracts.published import named_contracts
from adapters.proof.bundle_writer import BundleSelection, Bundling, NothingToExport
from adapters.run.site import Site, site
from streams.proof.bundle.check import check as checked


def export(*, tag: list[str] | None, first: int | None, last: int | None, out: Path) -> None:
    """Write a bundle."""
    ranged = first is not None or last is not None
    if bool(tag) == ranged:
        raise fail("give either --tag, or --from and --to", 2)
    for each in tag or ():
        if not all(each.partition(":")):
            raise fail(f"{each!r} is not a tag: give KIND:VALUE, such as school:s-1", 2)
    if out.exists():
        raise fail(f"{out} already exists", 2)
    with site(existing()) as opened:
        bundling = Bundling(opened.log, opened.codec, _latest(opened))
        range_ = (first or 1, last or bundling.size) if ranged else None
        try:
            with progress("exporting") as (bar, task):
                manifest = bundling.write(
                    BundleSelection(tuple(tag or ()), range_),
                    out,
                    lambda done, all_: bar.update(task, completed=done, total=all_),
                )
        except NothingToExport as error:
            raise fail(str(error)) from error
        except OSError as error:
            raise fail(f"{out} cannot be written: {error}") from error
    summary = f"{out}: {manifest.entries} entries of {manifest.origin}, under its checkpoint at size {manifest.size}"
    console.print(summary, soft_wrap=True)


def _latest(opened: Site) -> str:
    note = opened.checkpoints.latest(opened.origin)
    if note is None:
        raise fail("the log has no checkpoint yet: start `pujiang serve`, which makes checkpoints")
    return note


def check(*, file: Path, key: list[str] | None, policy: Path | None) -> None:
    """Check a bundle."""
    keys, enough = trusted(key, policy)
    try:
        with file.open("rb") as opened, progress("checking") as (bar, task):
            found = checked(
                opened,
                keys,
                enough=enough,
                published={each.name: each for each in named_contracts()},
                progress=lambda done, all_: bar.update(task, completed=done, total=all_ or None),
            )
    except OSError as error:
        raise fail(f"{file} cannot be read: {error}", 2) from error
    for each in found.lines:
        print_line(each)
    if found.findings:
        raise typer.Exit(1)
