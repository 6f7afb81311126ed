"""Persons, under their one number (一人一号)."""

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
    """An identity document: the keyed hash of its number, never the number."""

    document: str
    kind: str
    shown: str


class Person(Struct):
    """A person's number: whom it stands for (sealed), or into which number it was merged, and its documents.

    Of an erased person the number alone is left, and what it also was.
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
    """Follow a number; `also` are the numbers that have been merged into it."""
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
            # Sealed or not, nothing must be found by what it was: the keyed hash of a name is still there.
            row.status, row.documents = "erased", []
            row.name = row.birth_date = row.birth_year = None


READ_MODELS = (
    ReadModel(
        "persons", "person", Person, person, filter=("name", "status", "merged_into"), sort=("registered",)
    ),
)
