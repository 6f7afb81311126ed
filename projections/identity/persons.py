"""Persons, each under one number (一人一号)."""

from __future__ import annotations

from msgspec import Struct, field

from events.identity.erasure import PersonErased
from events.identity.persons import (
    DocumentAdded,
    DocumentWithdrawn,
    PersonDetailsCorrected,
    PersonRegistered,
    PersonsMerged,
    PersonsSeparated,
)
from projections.read_model import ReadModel


class Document(Struct):
    """A document, as the keyed hash of kind, issuer and number; an erasure frees it by the tag `document:<hash>`."""

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
    | DocumentWithdrawn
    | PersonsMerged
    | PersonsSeparated
    | PersonErased,
) -> None:
    """Follow a number; `also` lists the numbers that have been merged into it."""
    match event:
        case PersonRegistered():
            row.status, row.registered = "registered", event.day
            row.name, row.birth_date, row.birth_year = event.name, event.birth_date, event.birth_year
            _shown(row, event.document, event.document_kind, event.day)
        case PersonDetailsCorrected():
            _correct(row, event)
        case DocumentAdded():
            _shown(row, event.document, event.kind, event.day)
        case DocumentWithdrawn():
            row.documents = [each for each in row.documents if each.document != event.document]
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


def _shown(row: Person, document: str | None, kind: str, day: str) -> None:
    if document is not None:
        row.documents.append(Document(document, kind, day))


def _correct(row: Person, event: PersonDetailsCorrected) -> None:
    row.name = row.name if event.name is None else event.name
    row.birth_date = row.birth_date if event.birth_date is None else event.birth_date
    row.birth_year = row.birth_year if event.birth_year is None else event.birth_year


READ_MODELS = (
    ReadModel(
        "persons", "person", Person, person, filter=("name", "status", "merged_into"), sort=("registered",)
    ),
)
