"""Persons: registration, correction, merger and separation."""

from __future__ import annotations

from events.identity.persons import DocumentAdded, PersonDetailsCorrected, PersonRegistered, PersonsSeparated
from projections.identity.persons import Document, Person
from streams.scenario import at, given
from tests.contexts.identity import MERGED
from tests.contexts.persons import registered

REGISTERED = PersonRegistered(
    person="p",
    name=b"sealed",
    birth_date=b"sealed date",
    birth_year=2010,
    document="hash-1",
    occurred_at=at("2024-01-01"),
)
SEPARATED = PersonsSeparated(separated="p", surviving="q", merge="centre#m-1")


def test_a_person_is_registered_corrected_and_shows_documents() -> None:
    added = DocumentAdded(person="p", document="hash-2", kind="passport", occurred_at=at("2024-01-05"))
    corrected = PersonDetailsCorrected(person="p", name=b"new", birth_year=2011)
    assert given(REGISTERED, added, corrected).row("persons", "p") == Person(
        "p",
        status="registered",
        name=b"new",
        birth_date=b"sealed date",
        birth_year=2011,
        registered="2024-01-01",
        documents=[
            Document("hash-1", "resident-identity-card", "2024-01-01"),
            Document("hash-2", "passport", "2024-01-05"),
        ],
    )
    redated = PersonDetailsCorrected(person="p", birth_date=b"other date")
    row = given(REGISTERED, redated).row("persons", "p")
    assert (row.name, row.birth_date, row.birth_year) == (b"sealed", b"other date", 2010)


def test_merged_numbers_point_to_each_other_until_they_are_separated() -> None:
    merged = given(*registered("p", "q"), MERGED)
    row = merged.row("persons", "p")
    assert (row.status, row.merged_into, row.also) == ("merged", "q", [])
    row = merged.row("persons", "q")
    assert (row.status, row.merged_into, row.also) == ("registered", None, ["p"])
    for number in ("p", "q"):
        row = given(*registered("p", "q"), MERGED, SEPARATED).row("persons", number)
        assert (row.status, row.merged_into, row.also) == ("registered", None, [])


def test_a_person_separated_again_keeps_the_record_of_both() -> None:
    history = given(REGISTERED, *registered("q"), MERGED, SEPARATED)
    assert history.row("persons", "p").documents == [
        Document("hash-1", "resident-identity-card", "2024-01-01")
    ]
    assert isinstance(history.row("persons", "q"), Person)
