"""Identity documents: one person's at a time, given free by withdrawal and erasure, and named by no refusal."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from events.event import Event
from events.identity.persons import DocumentAdded, DocumentWithdrawn, PersonRegistered
from streams.publish.request import Refusal
from streams.scenario import at, chain, given
from tests.contexts.identity import ERASED, MERGED, REQUESTED
from tests.contexts.persons import registered
from tests.logs.histories import append
from tests.logs.memory_log import MemoryLog
from tests.logs.publishing import CODEC, publisher, request

REGISTERED = PersonRegistered(person="n", name=b"sealed", document="hash-1", occurred_at=at("2000-01-02"))
ADDED = DocumentAdded(person="p", document="hash-2", kind="passport", occurred_at=at("2000-01-03"))
WITHDRAWN = DocumentWithdrawn(
    person="p", document="hash-2", kind="passport", reason="mistaken", occurred_at=at("2000-01-04")
)
REGISTER = replace(REGISTERED, document="register", document_kind="household-register")
HELD: tuple[Event, ...] = (*registered("p"), ADDED, REQUESTED)
FREED = replace(ERASED, frees=["document:hash-2"])


def test_a_document_belongs_to_one_person() -> None:
    history = given(*registered("p"), REGISTERED, ADDED)
    found = history.when(replace(ADDED, document="hash-1")).refused(
        "document-taken", "identity.document_of_one_person"
    )
    assert " n " not in f" {found.sentence} "
    history.when(replace(REGISTERED, person="m", document="hash-2")).refused("document-taken")
    history.when(ADDED).refused("document-taken")


def test_a_person_may_hold_several_documents() -> None:
    given(*registered("p"), ADDED).when(replace(ADDED, document="hash-3")).admitted()


def test_twins_show_the_same_household_register() -> None:
    also = replace(ADDED, document="register", kind="household-register")
    chain(REGISTER, replace(REGISTER, person="m"), *registered("p"), also)


def test_a_document_that_was_added_by_mistake_is_withdrawn_and_shown_again() -> None:
    other = replace(REGISTERED, person="m", document="hash-2", occurred_at=at("2000-01-05"))
    chain(*registered("p"), ADDED, WITHDRAWN, other)
    chain(*registered("p"), ADDED, WITHDRAWN, replace(ADDED, occurred_at=at("2000-01-05")))


def test_only_its_holder_withdraws_a_document() -> None:
    history = given(*registered("p", "q"), ADDED)
    for proposed in (replace(WITHDRAWN, person="q"), replace(WITHDRAWN, document="hash-3")):
        history.when(proposed).refused("unknown-document", "identity.withdrawn_by_its_holder")
    given(*registered("p"), ADDED, WITHDRAWN).when(WITHDRAWN).refused("unknown-document")


def test_the_surviving_number_holds_the_documents_of_both() -> None:
    merged = given(*registered("p", "q"), ADDED, MERGED)
    merged.when(replace(WITHDRAWN, person="q", occurred_at=at("2024-03-01"))).admitted()


@pytest.mark.parametrize(
    "frees", [[], ["document:hash-1"], ["document:hash-2", "document:hash-1"], ["person:q"]]
)
def test_an_erasure_frees_the_documents_of_the_person_and_no_others(frees: list[str]) -> None:
    history = given(*registered("p"), REGISTERED, ADDED, REQUESTED)
    history.when(replace(ERASED, frees=frees)).refused("frees-otherwise", "identity.frees_all_documents")
    history.when(FREED).admitted()


def test_an_erasure_frees_the_documents_of_the_numbers_merged_into_the_persons() -> None:
    chain(*registered("p", "q"), ADDED, MERGED, replace(REQUESTED, person="q"), replace(FREED, person="q"))


@pytest.mark.parametrize("cold", [False, True])
def test_who_was_erased_comes_back_with_the_same_document_under_a_new_number(*, cold: bool) -> None:
    log, again = MemoryLog(), replace(REGISTERED, document="hash-2", occurred_at=at("2024-07-01"))
    append(
        log,
        CODEC,
        [each if each.id else replace(each, id=str(n), source="/t") for n, each in enumerate(HELD)],
    )
    publishing = publisher(log)

    def code(event: Event, identity: str) -> str:
        if cold:
            publishing.reset()
        asked = request([replace(event, id=identity, source="/t")])
        publishing.settle([asked])
        (verdict,) = asked.verdicts
        return verdict.code if isinstance(verdict, Refusal) else type(verdict).__name__

    assert code(again, "a") == "document-taken"
    assert code(FREED, "b") == "Recorded"
    assert code(again, "c") == "Recorded"
    assert code(replace(again, person="m"), "d") == "document-taken"
