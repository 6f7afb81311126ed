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
    Number,
    Personal,
    PersonId,
    Tag,
    YearOf,
)

DocumentNumber = Annotated[Number, Tag("document", hashed=True)]
DocumentKind = Literal[
    "resident-identity-card",
    "household-register",
    "birth-certificate",
    "passport",
    "hong-kong-macao-permit",
    "taiwan-permit",
    "permanent-resident-card",
]
BirthYear = Annotated[int, Meta(ge=1900, le=2100)]


class PersonRegistered(Event, frozen=True):
    """A person has been registered under their one number (一人一号).

    The date of birth is sealed. `birth_year` is the least that lets rules recognise children without opening
    it: a year identifies nobody, and rules assume the youngest age that it allows.
    """

    person: PersonId
    name: Annotated[bytes, Personal(of="person", sent_as=Name, findable=True)]
    birth_date: Annotated[bytes, Personal(of="person", sent_as=Day)] | None = None
    birth_year: Annotated[BirthYear, YearOf("birth_date")] | None = None
    document: DocumentNumber | None = None
    document_kind: DocumentKind = "resident-identity-card"


class PersonDetailsCorrected(Event, frozen=True):
    """A person's details have been corrected; a detail that is null stays as it was."""

    person: PersonId
    name: Annotated[bytes, Personal(of="person", sent_as=Name, findable=True)] | None = None
    birth_date: Annotated[bytes, Personal(of="person", sent_as=Day)] | None = None
    birth_year: Annotated[BirthYear, YearOf("birth_date")] | None = None


class DocumentAdded(Event, frozen=True):
    """A person has presented another identity document (证件); only a keyed hash of its number is stored."""

    person: PersonId
    document: DocumentNumber
    kind: DocumentKind


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
    PersonsMerged,
    PersonsSeparated,
)
