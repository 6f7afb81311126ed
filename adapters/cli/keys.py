"""`pujiang keys`: the keys by which checkpoints are verified; the private halves stay in the key store."""

from __future__ import annotations

import typer

from adapters.checkpointing import witness_name
from adapters.cli.app import console, settings
from adapters.keys.signing import HANDOVER, SigningKeys
from adapters.wiring import site


def show() -> None:
    """Show the verifier keys: all that this log has had, the newest first, and ours as a witness."""
    with site(settings()) as opened:
        keys = SigningKeys(opened.store)
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
        typer.echo(str(SigningKeys(opened.store).rotate(opened.origin).key))
