"""Chains of merges: a batch folds what they join once, however many of them it has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from events.event import Event
from events.identity.persons import PersonRegistered, PersonsMerged
from events.roll.pupils import StudentEnrolled
from projections.read_model import ReadModel
from streams.history import refold
from streams.history.past import Past
from streams.history.refold import Refolded
from streams.project.projector import Projector
from streams.project.rebuild import Rebuild
from streams.read_ports import Open, Parts
from tests.logs.histories import CHOSEN, append, model, rows

OF_PERSONS = ("persons", "students", "roll-history")
EVENTS_OF_ONE = 3
"""Events that each name of a chain carries of its own: a registration, an enrolment, and on average one merge."""


class Folded:
    """Counts the events that are folded from histories, each once for every model."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._fold, self.count = refold.fold, 0
        patch.setattr(refold, "fold", self._counted)

    def _counted(
        self, of: ReadModel[Any], value: str, events: Sequence[Event], *more: Any, **named: Any
    ) -> Refolded:
        self.count += len(events)
        return self._fold(of, value, events, *more, **named)

    def take(self) -> int:
        """Return the count, and begin anew."""
        count, self.count = self.count, 0
        return count


def people(name: str, number: int) -> list[Event]:
    """Return the registrations of persons and an enrolment of each."""
    persons = [f"{name}-{each}" for each in range(number)]
    found: list[Event] = [
        PersonRegistered(person=each, name=b"sealed", id=each, source="/a") for each in persons
    ]
    return found + [
        StudentEnrolled(person=each, school="s", district="d", stage="primary", grade=1, id=each, source="/b")
        for each in persons
    ]


def chain(name: str, number: int) -> list[Event]:
    """Return merges of each of these persons into the next one."""
    links = ((f"{name}-{each}", f"{name}-{each + 1}") for each in range(number - 1))
    return [PersonsMerged(merged=old, surviving=new, id=old, source="/merged") for old, new in links]


def assert_only(parts: Parts, *values: str) -> None:
    """Assert that these values have rows, which equal a fold of their histories, and no others."""
    for name in OF_PERSONS:
        past = Past(parts.log, parts.codec)
        expected = {
            key: line for each in values for key, line in refold.refold(model(name), each, past).lines.items()
        }
        live = rows(parts, name)
        assert live.keys() == expected.keys()
        assert all(line.same(expected[key]) for key, line in live.items())


@pytest.fixture
def live(open_: Open, parts: Parts) -> Projector:
    Rebuild(open_).bring_up(CHOSEN)
    return Projector(parts.log, parts.codec, parts.store, [model(each) for each in OF_PERSONS])


@pytest.mark.parametrize("backwards", [False, True])
def test_a_batch_of_merges_folds_as_many_events_as_it_joins(
    parts: Parts,
    live: Projector,
    monkeypatch: pytest.MonkeyPatch,
    backwards: bool,  # noqa: FBT001
) -> None:
    folded, counts = Folded(monkeypatch), []
    for number in (100, 200, 400):
        merges = chain(f"c{number}", number)
        append(parts.log, parts.codec, people(f"c{number}", number))
        live.step()
        folded.take()
        append(parts.log, parts.codec, merges[::-1] if backwards else merges)
        assert live.step() == len(merges)
        counts.append(folded.take() / number)
    assert max(counts) <= EVENTS_OF_ONE * len(OF_PERSONS), counts
    assert_only(parts, "c100-99", "c200-199", "c400-399")


def test_merges_one_by_one_fold_what_the_surviving_name_has_each_time(
    parts: Parts, live: Projector, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, folded = 40, Folded(monkeypatch)
    append(parts.log, parts.codec, people("c", number))
    live.step()
    for merged, each in enumerate(chain("c", number), 1):
        folded.take()
        append(parts.log, parts.codec, [each])
        live.step()
        assert folded.take() <= (merged + 1) * EVENTS_OF_ONE * len(OF_PERSONS)
    assert_only(parts, "c-39")
