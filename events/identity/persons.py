"""Persons: one person one number (一人一号), identity documents, merges and separations."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from events.event import Alias, Event, Number, Personal, PersonId, Tag
from events.identity.vocabulary import EventIdentity

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
    """A person has been given their one number (一人一号).

    The date of birth is sealed. `birth_year` is the least that lets a rule keep children apart without
    opening it: a year singles nobody out, and a rule takes the person for as young as it allows.
    """

    person: PersonId
    name: Annotated[bytes, Personal(of="person", findable=True)]
    birth_date: Annotated[bytes, Personal(of="person")] | None = None
    birth_year: BirthYear | None = None
    document: DocumentNumber | None = None
    document_kind: DocumentKind = "resident-identity-card"


class PersonDetailsCorrected(Event, frozen=True):
    """A person's details have been corrected; None leaves a detail as it was."""

    person: PersonId
    name: Annotated[bytes, Personal(of="person", findable=True)] | None = None
    birth_date: Annotated[bytes, Personal(of="person")] | None = None
    birth_year: BirthYear | None = None


class DocumentAdded(Event, frozen=True):
    """A person has shown a further identity document (证件); of its number only a keyed hash is kept."""

    person: PersonId
    document: DocumentNumber
    kind: DocumentKind


class PersonsMerged(Event, frozen=True):
    """Two numbers were one person's (并号): from now on the surviving number stands for both."""

    merged: Annotated[PersonId, Alias(of="surviving")]
    surviving: PersonId


class PersonsSeparated(Event, frozen=True):
    """A merge was mistaken and is undone: the number stands for a person of its own again."""

    separated: Annotated[PersonId, Alias(of="surviving", ends=True)]
    surviving: PersonId
    merge: EventIdentity


EVENTS = (
    PersonRegistered,
    PersonDetailsCorrected,
    DocumentAdded,
    PersonsMerged,
    PersonsSeparated,
)
