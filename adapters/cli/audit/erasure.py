"""`pujiang erasure`: certificates of which data of a person can no longer be read."""

from __future__ import annotations

from pathlib import Path

import typer

from adapters.cli.audit.notes import read_key, text_of
from adapters.cli.settings import existing
from adapters.cli.terminal import fail, print_line
from adapters.contracts.codec import AvroCodec
from adapters.run.site import Site, site
from streams.erasure.certificate import (
    Certifier,
    ErasureCertificate,
    ErasurePending,
    NotErased,
    SealedFields,
    check,
)
from streams.proof.checkpoints import Forked
from streams.tree.verifier import Note, Unproven


def certificate(*, person: str) -> None:
    """Print a certificate."""
    with site(existing()) as opened:
        try:
            text = Certifier(opened.log, opened.codec, opened.sealer.open_batch).text(
                f"person:{person}", _checkpoint(opened)
            )
        except (NotErased, ErasurePending) as error:
            raise fail(str(error)) from error
        note = Note(text, tuple(opened.sign(text)))
    typer.echo(str(note), nl=False)


def _checkpoint(opened: Site) -> str:
    """Return a checkpoint of the whole log, made now if there is none."""
    try:
        opened.checkpointer().step()
    except Forked as error:
        raise fail(str(error)) from error
    note = opened.checkpoints.latest(opened.origin)
    if note is None:
        raise fail("the log has no checkpoint yet: try again in a moment")
    return note


def check_certificate(*, file: Path, key: list[str]) -> None:
    """Check a certificate."""
    keys = [read_key(each) for each in key]
    try:
        found = check(text_of(file), keys, AvroCodec())
    except Unproven as error:
        raise fail(f"{file}: {error}") from error
    for line in _lines(found):
        print_line(line)


def _lines(found: ErasureCertificate) -> list[str]:
    also = f", with {', '.join(found.also)}," if found.also else ""
    return [
        f"{found.person}{also} was erased on {found.erased_on}, at position {found.position} of {found.log}",
        *(f"unreadable: {_fields(each)}" for each in found.unreadable),
        *(f"kept: {each.retention}, until {each.until or 'for good'}, {each.ground}" for each in found.kept),
        *(f"readable: {_fields(each)}" for each in found.readable),
        f"tags that stay: {', '.join(found.tags)}",
    ]


def _fields(each: SealedFields) -> str:
    return f"position {each.position}, {each.type}: {', '.join(each.fields)}"
