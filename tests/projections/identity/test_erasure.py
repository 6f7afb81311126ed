"""Requests for erasure, and what remains in the rows of an erased person."""

from __future__ import annotations

from msgspec.structs import replace

from events.identity.erasure import Kept
from streams.scenario import at, given
from tests.contexts.identity import ERASED, REFUSED, REQUESTED
from tests.contexts.persons import registered


def test_requests_are_followed_to_their_outcome() -> None:
    again = replace(REQUESTED, id="r-2", occurred_at=at("2024-09-01"))
    history = [*registered("p"), REQUESTED, replace(REFUSED, ground="no-ground"), again]
    row = given(*history).row("erasures", "p")
    assert (row.status, row.requested, row.refusals, row.refused_for) == ("requested", "2024-09-01", 1, None)
    erased = replace(
        ERASED,
        request="centre#r-2",
        kept=[Kept(retention="login", ground="Cybersecurity Law, art. 21", until="2024-09-01")],
        occurred_at=at("2024-09-02"),
    )
    row = given(*history, erased).row("erasures", "p")
    assert (row.status, row.decided, row.kept[0].until) == ("erased", "2024-09-02", "2024-09-01")


def test_the_row_of_an_erased_person_has_no_personal_details() -> None:
    row = given(*registered("p"), REQUESTED, ERASED).row("persons", "p")
    assert (row.status, row.name, row.birth_date, row.documents) == ("erased", None, None, [])
