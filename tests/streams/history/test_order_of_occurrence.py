"""A row is the fold of its history in order of what occurred, then of position, on every path that leads to it.

The numbers in the reasons are the steps of issue 10 with which each becomes true. `at` and the twins of removed rows
join the comparison when there are any.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

import pytest
from msgspec import structs

from adapters.contracts.codec import AvroCodec
from events.event import Event
from projections.read_model import Key
from streams.history.past import past_at
from streams.history.refold import refold
from streams.project import projector as projector_
from streams.project.projector import WARM_BYTES, Projector
from streams.project.rebuild import Rebuild
from streams.read_ports import Line, Open, Parts
from streams.workers.handover import spread
from streams.workers.partitions import Partitions
from tests.logs.histories import CHOSEN, HOUR, City, append, lines
from tests.logs.memory_log import MemoryLog
from tests.logs.naive import naive
from tests.logs.packing import Packing, places
from tests.logs.read_models import KINDS

NUMBER = 250
LATE, LATEST = 0.3, 200 * HOUR
"""The share of events that are late, and by how much at most; events are an hour apart."""
SAME = 0.1
"""The share of events that occurred when the one before them did, so that positions decide."""


def arrived(seed: int, *, late: float = LATE, merges: float = 0.0, retractions: float = 0.0) -> list[Event]:
    """Return events in order of arrival, with their positions, some of them late."""
    random, events = Random(seed), list[Event]()
    for position, event in enumerate(
        City(seed, people=12, merges=merges, retractions=retractions).events(NUMBER), 1
    ):
        occurred = event.occurred_at
        if random.random() < late:
            occurred -= random.randrange(1, LATEST // HOUR) * HOUR
        elif events and late and random.random() < SAME:
            occurred = events[-1].occurred_at
        events.append(structs.replace(event, occurred_at=occurred, position=position))
    return events


def assert_same(name: str, found: Mapping[Key, Line], wanted: Mapping[Key, Line], *, positions: bool) -> None:
    assert found.keys() == wanted.keys(), name
    for key, line in found.items():
        assert (line.row, line.at) == (wanted[key].row, wanted[key].at), (name, key)
        assert not positions or line.position == wanted[key].position, (name, key)


def assert_live(parts: Parts, events: list[Event], *, positions: bool = True) -> None:
    for model in CHOSEN:
        assert_same(model.name, lines(parts, model.name), naive(model, events), positions=positions)


def follow(parts: Parts, events: list[Event], seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Append events in small groups, and follow them by projectors that are started again with other bounds."""
    random, left = Random(seed), events
    while left:
        group = random.choice((1, 3, 20, 60))
        append(parts.log, parts.codec, left[:group])
        left = left[group:]
        monkeypatch.setattr(projector_, "BATCH", random.choice((1, 7, 5000)))
        bound = random.choice((1, WARM_BYTES))
        live = Projector(parts.log, parts.codec, parts.store, CHOSEN, bound=bound)
        while live.step():
            pass


@pytest.mark.parametrize("rewriting", [0.0, 0.05])
def test_what_is_on_time_is_folded_as_it_comes(
    open_: Open, parts: Parts, monkeypatch: pytest.MonkeyPatch, rewriting: float
) -> None:
    Rebuild(open_).bring_up(CHOSEN)
    events = arrived(1, late=0, merges=rewriting, retractions=rewriting)
    follow(parts, events, 1, monkeypatch)
    assert_live(parts, events, positions=not rewriting)


@pytest.mark.parametrize("rewriting", [0.0, 0.05])
def test_live_rows(open_: Open, parts: Parts, monkeypatch: pytest.MonkeyPatch, rewriting: float) -> None:
    Rebuild(open_).bring_up(CHOSEN)
    events = arrived(2, merges=rewriting, retractions=rewriting)
    follow(parts, events, 2, monkeypatch)
    assert_live(parts, events, positions=not rewriting)


@pytest.mark.parametrize("bound", [1, WARM_BYTES])
def test_rebuilt_rows(open_: Open, parts: Parts, bound: int) -> None:
    events = arrived(3)
    append(parts.log, parts.codec, events)
    Rebuild(open_, bound=bound).bring_up(CHOSEN)
    assert_live(parts, events)


def test_rows_of_partitions(open_: Open, parts: Parts) -> None:
    Rebuild(open_).bring_up(CHOSEN)
    spread(parts, CHOSEN)
    events, random, packing = arrived(4), Random(4), Packing(parts, KINDS)
    append(parts.log, parts.codec, events)
    while packing.position < parts.log.head():
        worker = Partitions(parts, CHOSEN, bound=random.choice((1, WARM_BYTES)))
        worker.assign(places(KINDS))
        worker.take({place: [each] for place, each in packing.stretch(random.choice((5, 60))).items()})
    assert_live(parts, events)


def remembered(events: list[Event]) -> MemoryLog:
    """Return a log of these events, each recorded at its position in microseconds."""
    times = iter(range(1, len(events) + 1))
    log, codec = MemoryLog(clock=lambda: next(times)), AvroCodec()
    append(log, codec, events, batch=1)
    return log


def assert_past(
    events: list[Event],
    moments: list[tuple[int | None, int | None]],
    *,
    positions: bool = True,
) -> None:
    """Assert that what was known up to a position, of what had occurred by a time, is what a sort says."""
    log, codec = remembered(events), AvroCodec()
    for known, true_at in moments:
        for model in CHOSEN:
            wanted = naive(model, events, upto=known, true_at=true_at)
            found: dict[Key, Line] = {}
            for value in {key[0] for each in events for key in keys_if_any(model.name, each)}:
                past = past_at(log, codec, known_at=known, true_at=true_at)
                folded = refold(model, value, past)
                found |= folded.lines | folded.removed
            assert_same(model.name, found, wanted, positions=positions)


def keys_if_any(name: str, event: Event) -> list[Key]:
    model = next(each for each in CHOSEN if each.name == name)
    return model.keys(event) if isinstance(event, model.fold.events) else []


def instants(events: list[Event], seed: int) -> list[int]:
    """Return some times on events, and just before and after them."""
    chosen = Random(seed).sample(events, 3)
    return [each.occurred_at + beside for each in chosen for beside in (-1, 0, 1)]


def test_the_past_of_what_was_on_time() -> None:
    events = arrived(5, late=0)
    assert_past(
        events, [(None, None), (100, None), (None, events[99].occurred_at), (90, events[79].occurred_at)]
    )


def test_known_now() -> None:
    assert_past(arrived(6), [(None, None)])


def test_known_at() -> None:
    assert_past(arrived(7), [(known, None) for known in (40, 120, 200)])


def test_true_at() -> None:
    events = arrived(8)
    assert_past(events, [(None, each) for each in instants(events, 8)])


def test_known_at_a_time_and_true_at_another() -> None:
    events = arrived(9)
    assert_past(events, [(known, each) for known in (60, 180) for each in instants(events, 9)])


def test_merges_and_retractions_are_knowledge() -> None:
    events = arrived(10, merges=0.05, retractions=0.05)
    moments = [(known, each) for known in (None, 150) for each in (None, *instants(events, 10))]
    assert_past(events, moments, positions=False)


def test_a_retraction_moves_no_row_but_those_of_its_event() -> None:
    assert_past(arrived(11, late=0, retractions=0.05), [(None, None), (150, None)])


def test_nor_does_it_in_live_rows(open_: Open, parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    Rebuild(open_).bring_up(CHOSEN)
    events = arrived(12, late=0, retractions=0.05)
    follow(parts, events, 12, monkeypatch)
    assert_live(parts, events)
