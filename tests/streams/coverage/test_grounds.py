"""What has lost its ground is stated, once, and stated again as regained; a crash or a second process changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from events.audit import GroundLost, GroundRegained
from events.event import Event, Statement
from events.identity.persons import PersonsMerged, PersonsSeparated
from events.rewriting import retracted, rewrites
from events.roll.schools import SchoolClosed
from streams.coverage import grounds
from streams.coverage.grounds import MARK, Grounds, readers
from streams.ground.worlds import Identity, identity
from streams.ports import Overtaken
from streams.scenario import at, given
from tests.contexts.persons import registered
from tests.contexts.roll import A
from tests.domain.roll.test_pupils import RULES
from tests.logs.histories import append, retraction
from tests.logs.judged_twice import judged_twice
from tests.logs.memory_log import MemoryLog
from tests.logs.publishing import CODEC, publisher
from tests.logs.towns import town
from tests.streams.publish.test_fitting_in import enrolled, promoted

CITY: tuple[Event, ...] = (RULES, *registered("p", "q"), A)
PUPIL = (enrolled("2023-09-01", "1"), promoted("2024-09-01", "2"), promoted("2025-09-01", "3", grade=3))
TAKEN_BACK = replace(retraction(PUPIL[1]), id="r", source="urn:x", occurred_at=at("2025-10-01"))
RIGHT = promoted("2024-10-01", "4")


def log_of(*events: Event) -> MemoryLog:
    log = MemoryLog()
    append(
        log,
        CODEC,
        [each if each.id else replace(each, id=f"{n}", source="/c") for n, each in enumerate(events)],
    )
    return log


def state(log: MemoryLog) -> None:
    stating = Grounds(log, CODEC, publisher(log))
    while stating.step():
        pass


def stated(log: MemoryLog) -> list[Any]:
    events = CODEC.decode_all(log.read(limit=100_000))
    return [each for each in events if isinstance(each, Statement)]


def told(log: MemoryLog) -> list[tuple[str, str, str, str]]:
    return [(type(each).__name__, each.event, each.cause, getattr(each, "code", "")) for each in stated(log)]


LOST = ("GroundLost", "urn:x#3", "urn:x#r", "other-grade")


def test_a_promotion_whose_ground_is_taken_back_is_stated_and_regains_when_the_right_one_comes() -> None:
    log = log_of(*CITY, *PUPIL, TAKEN_BACK)
    state(log)
    [lost] = stated(log)
    assert told(log) == [LOST]
    assert (lost.rule, lost.event_type) == ("roll.promoted_within_stage", "roll.StudentPromoted")
    assert lost.carries == ["person:p", "school:a", "district:d"]
    append(log, CODEC, [RIGHT])
    state(log)
    assert told(log) == [LOST, ("GroundRegained", "urn:x#3", "urn:x#4", "")]


def test_nothing_is_stated_twice_and_what_is_on_time_states_nothing() -> None:
    log = log_of(*CITY, *PUPIL)
    state(log)
    assert (stated(log), log.marks([MARK])[MARK].position) == ([], log.head())
    append(log, CODEC, [TAKEN_BACK])
    for _ in range(2):
        state(log)
    assert told(log) == [LOST]


def test_what_rests_on_what_is_lost_is_stated_too() -> None:
    back = replace(retraction(PUPIL[0]), id="r", source="urn:x", occurred_at=at("2025-10-01"))
    log = log_of(*CITY, *PUPIL, back)
    state(log)
    assert [(name, code) for _, name, _, code in told(log)] == [
        ("urn:x#2", "not-on-a-roll"),
        ("urn:x#3", "not-on-a-roll"),
    ]


def test_a_late_change_that_is_no_step() -> None:
    closed = SchoolClosed(school="a", reason="撤并", id="c", source="urn:x", occurred_at=at("2023-01-01"))
    log = log_of(*CITY, *PUPIL, closed)
    state(log)
    assert told(log)[0] == ("GroundLost", "urn:x#1", "urn:x#c", "school-closed")


def test_a_merge_that_was_not_looked_through_and_its_separation() -> None:
    merged = PersonsMerged(merged="q", surviving="p", id="m", source="urn:x", occurred_at=at("2025-01-01"))
    apart = PersonsSeparated(
        separated="q", surviving="p", merge="urn:x#m", id="s", source="urn:x", occurred_at=at("2025-02-01")
    )
    theirs = enrolled("2024-01-01", "q1", person="q")
    log = log_of(*CITY, *PUPIL[:1], theirs, merged)
    state(log)
    assert told(log) == [("GroundLost", "urn:x#q1", "urn:x#m", "already-on-a-roll")]
    append(log, CODEC, [apart])
    state(log)
    assert told(log)[1:] == [("GroundRegained", "urn:x#q1", "urn:x#s", "")]


def test_the_row_follows_until_its_source_takes_the_event_back() -> None:
    log = log_of(*CITY, *PUPIL, TAKEN_BACK)
    state(log)
    back = replace(retraction(PUPIL[2]), id="r3", source="urn:x", occurred_at=at("2090-01-01"))
    append(log, CODEC, [back])
    state(log)
    assert told(log) == [LOST]
    rows = given(*CODEC.decode_all(log.read(limit=1000))).rows("lost-grounds")
    assert [(each.event, each.status, each.cause) for each in rows] == [("urn:x#3", "retracted", "urn:x#r3")]


@pytest.mark.parametrize("together", [1, 2_000])
def test_a_crash_between_statements_repeats_none(monkeypatch: pytest.MonkeyPatch, together: int) -> None:
    monkeypatch.setattr(grounds, "TOGETHER", together)
    back = replace(retraction(PUPIL[0]), id="r", source="urn:x", occurred_at=at("2025-10-01"))
    log, whole = log_of(*CITY, *PUPIL, back), log_of(*CITY, *PUPIL, back)
    one = publisher(log)
    settle, times = one.settle, 0

    def dying(*args: Any) -> None:
        nonlocal times
        times += 1
        if times == 2:
            raise KeyboardInterrupt
        settle(*args)

    monkeypatch.setattr(one, "settle", dying)
    stating = Grounds(log, CODEC, one)
    try:
        while stating.step():
            pass
    except KeyboardInterrupt:
        assert together == 1
    state(log)
    state(whole)
    assert told(log) == told(whole)


def test_of_two_processes_one_states(monkeypatch: pytest.MonkeyPatch) -> None:
    log = log_of(*CITY, *PUPIL, TAKEN_BACK)
    one, other = publisher(log), Grounds(log, CODEC, publisher(log))
    slow, settle = Grounds(log, CODEC, one), one.settle

    def overtaken(*args: Any) -> None:
        other.step()
        settle(*args)

    monkeypatch.setattr(one, "settle", overtaken)
    with pytest.raises(Overtaken):
        slow.step()
    state(log)
    assert told(log) == [LOST]


@pytest.mark.parametrize("batch", [1, 7, 500])
@pytest.mark.parametrize("seed", range(4))
def test_what_is_stated_is_what_judging_the_whole_log_after_each_event_finds(
    monkeypatch: pytest.MonkeyPatch, seed: int, batch: int
) -> None:
    monkeypatch.setattr(grounds, "BATCH", batch)
    events = town(seed, judged=True)
    log = MemoryLog(clock=lambda: at("2030-01-01"))
    append(log, CODEC, events)
    state(log)
    found = [(each.event, isinstance(each, GroundRegained)) for each in stated(log)]
    assert found == [(f"{source}#{id_}", holds) for (source, id_), holds in _one_by_one(events)]
    lost = [each for each in stated(log) if isinstance(each, GroundLost)]
    named = {f"{each.source}#{each.id}": each for each in events}
    assert lost
    # The judge does not know what is lost: a step that gives one of these its ground back may shake what came after.
    regained = {each.cause for each in stated(log) if isinstance(each, GroundRegained)}
    steps = [each for each in lost if not rewrites(type(named[each.cause])) and each.cause not in regained]
    assert not steps, "a step that did not fit in was admitted"


def _one_by_one(events: Sequence[Event]) -> list[tuple[Identity, bool]]:
    lost, plans, found = dict[Identity, Event](), readers().plans, list[tuple[Identity, bool]]()
    for number, event in enumerate(events):
        lost.pop(retracted(event) or ("", ""), None)
        for name, holds in judged_twice(events[:number], events[: number + 1], plans, lost):
            found.append((name, holds))
            if holds:
                del lost[name]
            else:
                lost[name] = next(each for each in events if identity(each) == name)
    return found
