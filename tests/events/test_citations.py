"""Every citing field says which events it takes, and what they share with the citing event."""

from __future__ import annotations

import pytest

from events.audit import EventRetracted
from events.catalogue import names
from events.contract import citing_fields, tag_fields
from events.event import Cites, Event

ANYTHING = {
    (
        EventRetracted,
        "event",
    ): "a mistake may be of any type; a retraction carries all tags of what it retracts"
}
"""Fields that cite an event of any type about anything, each with the reason."""

CITING = [(cls, name, mark) for cls in names() for name, mark in citing_fields(cls)]


def always(cls: type[Event]) -> set[str]:
    """Return the kinds of tags that every event of a class carries."""
    return {each.tag.kind for each in tag_fields(cls) if each.tag and each.base is str and not each.optional}


@pytest.mark.parametrize("cls, name, mark", CITING)
def test_a_citing_field_says_what_it_takes_and_whom_it_is_about(
    cls: type[Event], name: str, mark: Cites
) -> None:
    if (cls, name) in ANYTHING:
        assert not mark.types
        assert not mark.about
        assert mark.kind  # it is still held to what it says
        return
    assert mark.types, "say which types it cites"
    assert mark.about, "say what both events are about"
    for each in (cls, *mark.types):
        assert set(mark.about) <= always(each), f"{names()[each]} may lack what both must be about"


def test_every_exception_is_one() -> None:
    assert ANYTHING.keys() <= {(cls, name) for cls, name, _ in CITING}
