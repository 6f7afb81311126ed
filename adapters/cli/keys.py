"""`pujiang keys`: those by which checkpoints are verified, and the rotation of the one that wraps all others."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer

from adapters.cli.app import console, fail, progress, settings
from adapters.keys import kek as files
from adapters.keys import rotation
from adapters.keys.fault import KeyStoreFault
from adapters.keys.signing import HANDOVER, SigningKeys
from adapters.keys.store import open_shelf
from adapters.run.checkpoints import witness_name
from adapters.run.site import kek, site


def show() -> None:
    """Show the verifier keys: all that this log has had, the newest first, and ours as a witness."""
    with site(settings()) as opened:
        keys = SigningKeys(opened.store.secrets)
        found = keys.of_log(opened.origin)[::-1]
        cosigner = keys.witness(witness_name(opened.settings.origin)).key
    console.print(f"log {found[0].key.name}", highlight=False)
    for place, signer in enumerate(found):
        typer.echo(f"{signer.key}{'' if place < HANDOVER else '  signs no more'}")
    console.print("as a witness of other logs", highlight=False)
    typer.echo(str(cosigner))


def rotate() -> None:
    """Make a new key to sign with. The one before it signs beside it until the next rotation; all stay valid."""
    with site(settings()) as opened:
        typer.echo(str(SigningKeys(opened.store.secrets).rotate(opened.origin).key))


def rotate_kek(
    *,
    prepare: Annotated[
        bool,
        typer.Option("--prepare", help="Only make the file kek.next, to be copied to all machines first."),
    ] = False,
) -> None:
    """Wrap all keys by a new key-encryption key, and destroy the old one. Interrupted, it goes on when run again.

    `serve` may run meanwhile. What the old one had wrapped can be opened no more, wherever a copy of it lies.
    """
    found = settings()
    file = kek(found)
    if not file.exists():
        raise fail(f"there is no key-encryption key {file}: see PUJIANG_HOME")
    try:
        if prepare:
            with files.locked(file.parent):
                typer.echo(rotation.prepare(file))
            return
        with closing(open_shelf(found.keys_url)) as shelf, progress("wrapping keys again") as (bar, task):
            rotated = rotation.Rotation(shelf.keys, shelf.secrets, shelf.kek, file)
            rotated.run(lambda count: bar.advance(task, count))
    except KeyStoreFault as error:
        raise fail(str(error)) from error
    console.print(
        f"the key-encryption key {file} is a new one: back it up, and let go of the old one's copies"
    )
