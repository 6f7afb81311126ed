"""What was taken back and is sent again under the same identity gets both positions, and does not count."""

from __future__ import annotations

from msgspec.structs import replace

from events.event import Event
from streams.publish.request import IdentityConflict, Recorded, Repeated, Retracted
from streams.scenario import at
from tests.contexts.roll import A
from tests.logs.histories import retraction
from tests.logs.publishing import SOURCE, Town

SCHOOL = replace(A, id="s", source=SOURCE)
OTHER = replace(A, id="t", source=SOURCE, school="b")
TAKEN_BACK: Event = replace(retraction(SCHOOL), occurred_at=at("2020-01-01"))


def test_both_positions_are_told() -> None:
    town = Town()
    assert town.send(SCHOOL, OTHER, TAKEN_BACK) == [Recorded(1), Recorded(2), Recorded(3)]
    assert town.send(SCHOOL, OTHER) == [Retracted(1, 3), Repeated(2)]
    assert town.send(replace(SCHOOL, name="Another")) == [IdentityConflict(1)]


def test_sent_again_under_another_identity_it_counts() -> None:
    town = Town()
    town.send(SCHOOL, TAKEN_BACK)
    assert town.send(replace(SCHOOL, id="anew")) == [Recorded(3)]


def test_an_atomic_request_may_be_sent_again() -> None:
    town = Town()
    sent = [town.named(each) for each in (SCHOOL, TAKEN_BACK, OTHER)]
    town.send(*sent, atomic=True)
    assert town.send(*sent, atomic=True) == [Retracted(1, 2), Repeated(2), Repeated(3)]
