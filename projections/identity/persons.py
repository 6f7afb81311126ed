"""Persons, each under one number (一人一号)."""

from __future__ import annotations

from msgspec import Struct, field

from events.identity.erasure import PersonErased
from events.identity.persons import (
    DocumentAdded,
    PersonDetailsCorrected,
    PersonRegistered,
    PersonsMerged,
    PersonsSeparated,
)
from projections.read_model import ReadModel


class Document(Struct):
    """An identity document, as the keyed hash of its number; the number itself is not stored."""

    document: str
    kind: str
    shown: str


class Person(Struct):
    """A person's number: sealed name and birth date, identity documents, and the numbers it was merged with.

    Erasure removes name, birth date, birth year and documents; the number and its merges remain.
    """

    person: str
    status: str = "unknown"
    name: bytes | None = None
    birth_date: bytes | None = None
    birth_year: int | None = None
    registered: str | None = None
    documents: list[Document] = field(default_factory=list)
    merged_into: str | None = None
    also: list[str] = field(default_factory=list)


def person(
    row: Person,
    event: PersonRegistered
    | PersonDetailsCorrected
    | DocumentAdded
    | PersonsMerged
    | PersonsSeparated
    | PersonErased,
) -> None:
    """Follow a number; `also` lists the numbers that have been merged into it."""
    match event:
        case PersonRegistered():
            row.status, row.registered = "registered", event.day
            row.name, row.birth_date, row.birth_year = event.name, event.birth_date, event.birth_year
            if event.document is not None:
                row.documents.append(Document(event.document, event.document_kind, event.day))
        case PersonDetailsCorrected():
            row.name = row.name if event.name is None else event.name
            row.birth_date = row.birth_date if event.birth_date is None else event.birth_date
            row.birth_year = row.birth_year if event.birth_year is None else event.birth_year
        case DocumentAdded():
            row.documents.append(Document(event.document, event.kind, event.day))
        case PersonsMerged() if event.merged == row.person:
            row.status, row.merged_into = "merged", event.surviving
        case PersonsMerged():
            row.also.append(event.merged)
        case PersonsSeparated() if event.separated == row.person:
            row.status, row.merged_into = "registered", None
        case PersonsSeparated():
            row.also = [each for each in row.also if each != event.separated]
        case PersonErased():
            # Sealed values keep the keyed hash of a name: clear them, so that no search finds the row by it.
            row.status, row.documents = "erased", []
            row.name = row.birth_date = row.birth_year = None


READ_MODELS = (
    ReadModel(
        "persons", "person", Person, person, filter=("name", "status", "merged_into"), sort=("registered",)
    ),
)
