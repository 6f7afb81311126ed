"""`pujiang erasure`: certificates of what of a person can be read no more, made and, offline, checked."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from adapters.cli.app import existing, fail
from adapters.cli.verify import read_key, text_of
from adapters.contracts.codec import AvroCodec
from adapters.postgres.log.checkpoints import PostgresCheckpoints
from adapters.run.checkpoints import checkpointer, signing
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


def certificate(person: Annotated[str, typer.Argument(help="The person's number.")]) -> None:
    """Write a person's erasure certificate: a signed note, for `pujiang erasure check` anywhere."""
    with site(existing()) as opened:
        try:
            text = Certifier(opened.log, opened.codec, opened.sealer.open_batch).text(
                f"person:{person}", _checkpoint(opened)
            )
        except (NotErased, ErasurePending) as error:
            raise fail(str(error)) from error
        note = Note(text, tuple(signing(opened)(text)))
    typer.echo(str(note), nl=False)


def _checkpoint(opened: Site) -> str:
    """Return a checkpoint of all that is in the log, made if need be."""
    with closing(PostgresCheckpoints(opened.url)) as published:
        try:
            checkpointer(opened, published).step()
        except Forked as error:
            raise fail(str(error)) from error
        note = published.latest(opened.origin)
    if note is None:
        raise fail("the first checkpoint is yet to be made: try again")
    return note


def check_certificate(
    file: Annotated[Path, typer.Argument(help="A certificate.")],
    key: Annotated[
        list[str], typer.Option(help="A verifier key; all witnesses that are given must have cosigned.")
    ],
) -> None:
    """Hold an erasure certificate, offline: no database, no data home. Exit status 1 where it does not hold."""
    keys = [read_key(each) for each in key]
    try:
        told = check(text_of(file), keys, AvroCodec())
    except Unproven as error:
        raise fail(f"{file}: {error}") from error
    for line in _lines(told):
        typer.echo(line)


def _lines(told: ErasureCertificate) -> list[str]:
    also = f", with {', '.join(told.also)}," if told.also else ""
    return [
        f"{told.person}{also} was erased on {told.erased_on}, at position {told.position} of {told.log}",
        *(f"unreadable: {_fields(each)}" for each in told.unreadable),
        *(f"kept: {each.retention}, until {each.until or 'for good'}, {each.ground}" for each in told.kept),
        *(f"readable: {_fields(each)}" for each in told.readable),
        f"tags that stay: {', '.join(told.tags)}",
    ]


def _fields(each: SealedFields) -> str:
    hashed = f"; keyed hash stays of {', '.join(each.found_by)}" if each.found_by else ""
    return f"position {each.position}, {each.type}: {', '.join(each.fields)}{hashed}"
