"""Persons: one person, one number (一人一号); identity documents, merges and separations."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from events.event import (
    Alias,
    Cites,
    Day,
    Event,
    EventIdentity,
    Name,
    Personal,
    PersonId,
    YearOf,
)
from events.identity.documents import DocumentKind, DocumentNumber, Issuer, RegisteredDocument

BirthYear = Annotated[int, Meta(ge=1900, le=2100)]


class PersonRegistered(Event, frozen=True):
    """A person has been registered under their one number (一人一号).

    Of the document only a keyed hash is stored; `issuer` is China if null. The date of birth is sealed. `birth_year` is the least that lets rules recognise children without opening
    it: a year identifies nobody, and rules assume the youngest age that it allows.
    """

    person: PersonId
    name: Annotated[bytes, Personal(of="person", sent_as=Name, findable=True)]
    birth_date: Annotated[bytes, Personal(of="person", sent_as=Day)] | None = None
    birth_year: Annotated[BirthYear, YearOf("birth_date")] | None = None
    document: RegisteredDocument | None = None
    document_kind: DocumentKind = "resident-identity-card"
    issuer: Issuer | None = None


class PersonDetailsCorrected(Event, frozen=True):
    """A person's details have been corrected; a detail that is null stays as it was."""

    person: PersonId
    name: Annotated[bytes, Personal(of="person", sent_as=Name, findable=True)] | None = None
    birth_date: Annotated[bytes, Personal(of="person", sent_as=Day)] | None = None
    birth_year: Annotated[BirthYear, YearOf("birth_date")] | None = None


class DocumentAdded(Event, frozen=True):
    """A person has presented another document (证件), of which only a keyed hash is stored; `issuer` is China if null."""

    person: PersonId
    document: DocumentNumber
    kind: DocumentKind
    issuer: Issuer | None = None


class DocumentWithdrawn(Event, frozen=True):
    """A document is no longer the person's: it was added by mistake, or has expired, been lost or been replaced."""

    person: PersonId
    document: DocumentNumber
    kind: DocumentKind
    reason: Literal["mistaken", "expired", "lost", "replaced"]
    issuer: Issuer | None = None


class PersonsMerged(Event, frozen=True):
    """Two numbers have proved to be one person's (并号); from now on the surviving number stands for both."""

    merged: Annotated[PersonId, Alias(of="surviving")]
    surviving: PersonId


class PersonsSeparated(Event, frozen=True):
    """A mistaken merge has been undone; the separated number stands for a person of its own again."""

    separated: Annotated[PersonId, Alias(of="surviving", ends=True)]
    surviving: PersonId
    merge: Annotated[EventIdentity, Cites(types=(PersonsMerged,), about=("person",))]


EVENTS = (
    PersonRegistered,
    PersonDetailsCorrected,
    DocumentAdded,
    DocumentWithdrawn,
    PersonsMerged,
    PersonsSeparated,
)
