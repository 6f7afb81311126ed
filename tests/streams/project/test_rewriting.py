"""Retractions: what a source takes back was never true, in rows and in decisions alike, but it was known."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from msgspec import structs

from adapters.contracts.codec import AvroCodec
from domain.catalogue import RULES
from events.audit import EventRetracted, KeyReleased
from events.event import Event
from events.identity.persons import PersonRegistered, PersonsMerged
from events.roll.published import RollRulesPublished, StageTerms
from events.roll.pupils import StudentEnrolled
from events.roll.schools import SchoolClosed, SchoolRegistered
from projections.catalogue import READ_MODELS
from streams.history.explain import explain
from streams.history.histories import Histories
from streams.history.past import past_at
from streams.history.refold import refold
from streams.project.projector import Projector
from streams.project.rebuild import Rebuild
from streams.publish.judge import Judge
from streams.publish.publisher import Publisher
from streams.publish.request import Recorded, Refusal, Request
from streams.publish.warm_folds import WarmFolds
from streams.read_ports import Open, Parts
from streams.recheck.replay import replay
from streams.scenario import WARM_BYTES, at
from tests.logs.histories import City, append, assert_sound, model, retraction, rows
from tests.logs.memory_log import MemoryLog

CODEC = AvroCodec()
ROLL = ("students", "roll-history", "leaves", "schools", "head-counts", "teachers")


def made(event: Event, number: int, day: str = "2024-09-01", source: str = "/city") -> Event:
    return structs.replace(event, id=str(number), source=source, occurred_at=at(day))


SCHOOL = made(SchoolRegistered("s-1", "A school", "d-1", ["primary"]), 1, "2020-01-01")
PUPIL = made(PersonRegistered(person="p-1", name=b"sealed", birth_year=2016), 2)
OTHER = made(PersonRegistered(person="p-2", name=b"sealed", birth_year=2016), 3)
ENROLLED = made(StudentEnrolled(person="p-1", school="s-1", district="d-1", stage="primary", grade=1), 4)
BACK = retraction(ENROLLED, id="5", source="/city", occurred_at=at("2025-01-01"))
RULES_OF_ROLL = made(
    RollRulesPublished(
        since="2024-09-01",
        stages=[StageTerms("primary", 1, 5, compulsory=True)],
        consent_working_days=10,
        leave_days=365,
    ),
    0,
    "2000-01-01",
)
GIVEN = (RULES_OF_ROLL, SCHOOL, PUPIL, OTHER, ENROLLED)

Settle = Callable[..., list[object]]


@pytest.fixture
def settle() -> Settle:
    log = MemoryLog()
    warm = _publisher(log)

    def settle(*events: Event, fresh: bool = False) -> list[object]:
        request = Request(list(events), [CODEC.propose(event) for event in events])
        (_publisher(log) if fresh else warm).settle([request])
        return list(request.verdicts)

    return settle


def _publisher(log: MemoryLog) -> Publisher:
    judge = Judge(RULES, WarmFolds(Histories(log, CODEC), WARM_BYTES))
    return Publisher(log, CODEC, judge, lambda: time.time_ns() // 1000)


def code(verdict: object) -> str:
    assert isinstance(verdict, Refusal), verdict
    return verdict.code


@pytest.mark.parametrize("fresh", [False, True])
def test_a_decision_takes_what_was_retracted_as_never_true(settle: Settle, fresh: bool) -> None:  # noqa: FBT001
    again = made(ENROLLED, 6)
    assert all(isinstance(each, Recorded) for each in settle(*GIVEN))
    assert code(settle(again)[0]) == "already-on-a-roll"
    assert settle(BACK, fresh=fresh) == [Recorded(6)]
    assert settle(again, fresh=fresh) == [Recorded(7)]


def test_it_counts_at_once_in_the_batch_that_takes_it_back(settle: Settle) -> None:
    assert settle(*GIVEN, BACK, made(ENROLLED, 6)) == [Recorded(each) for each in range(1, 8)]


@pytest.mark.parametrize(
    "changes, refused",
    [
        ({"source": "/elsewhere"}, "not-its-source"),
        ({"carries": ["person:p-1"]}, "other-tags"),
        ({"carries": [*BACK.carries, "person:p-2"]}, "other-tags"),
        ({"event_type": "roll.SchoolRegistered"}, "other-evidence"),
        ({"event": "/city#77"}, "unknown-evidence"),
    ],
)
def test_only_its_source_takes_back_an_event_just_as_it_is(
    settle: Settle, changes: dict[str, object], refused: str
) -> None:
    settle(*GIVEN)
    assert code(settle(structs.replace(BACK, **changes))[0]) == refused


def test_an_event_is_taken_back_once(settle: Settle) -> None:
    settle(*GIVEN, BACK)
    assert code(settle(structs.replace(BACK, id="7"))[0]) == "retracted-already"


def test_what_rewrites_histories_or_was_stated_is_not_taken_back(settle: Settle) -> None:
    merged = made(PersonsMerged("p-2", "p-1"), 8)
    stated = made(KeyReleased(model="persons", digest="0" * 16, key="0" * 16, at=1), 9)
    settle(*GIVEN, BACK, merged, stated)
    for number, each in enumerate((merged, BACK, stated), 20):
        back = retraction(each, id=str(number), source="/city", occurred_at=at("2025-02-01"))
        assert code(settle(back)[0]) == "not-retractable"


def test_rows_lose_it_and_the_past_still_knows_it(open_: Open, parts: Parts) -> None:
    Rebuild(open_).bring_up(READ_MODELS)
    live = Projector(parts.log, parts.codec, parts.store, READ_MODELS)
    append(parts.log, parts.codec, GIVEN)
    live.step()
    assert rows(parts, "students")["p-1",].row.status == "enrolled"
    known = parts.codec.decode(parts.log.read(4)[0]).recorded_at
    append(parts.log, parts.codec, [BACK])
    live.step()
    assert ("p-1",) not in rows(parts, "students")
    assert rows(parts, "retractions")["/city#4",].row.reason == "entered-by-mistake"

    def student(**when: int) -> object:
        past = past_at(parts.log, parts.codec, **when)
        found = refold(model("students"), "p-1", past).lines.get(("p-1",))
        return found and found.row.status

    assert student(known_at=known) == "enrolled"
    assert student() is None
    assert student(true_at=at("2024-10-01")) is None
    assert explain(parts.log, parts.codec, model("students"), ("p-1",)) is None
    assert list(replay(open_, READ_MODELS)) == []


def test_a_row_that_stays_tells_who_set_it_without_what_was_retracted(open_: Open, parts: Parts) -> None:
    closed = made(SchoolClosed("s-1", "mistaken"), 9, "2025-07-01")
    append(parts.log, parts.codec, [SCHOOL, closed])
    append(parts.log, parts.codec, [retraction(closed, id="10", source="/city", occurred_at=0)])
    Rebuild(open_).bring_up(READ_MODELS)
    line = rows(parts, "schools")["s-1",]
    assert (line.row.status, line.position) == ("open", 3)
    fields = explain(parts.log, parts.codec, model("schools"), ("s-1",))
    assert fields is not None
    assert fields["status"].origin is not None
    assert fields["status"].origin.position == 1


@pytest.mark.parametrize("seed", range(3))
def test_followed_and_rebuilt_rows_are_what_their_histories_fold_to(
    open_: Open, parts: Parts, seed: int
) -> None:
    Rebuild(open_).bring_up(READ_MODELS)
    city = City(seed, merges=0.05, retractions=0.1)
    live = Projector(parts.log, parts.codec, parts.store, READ_MODELS)
    for size in (1, 20, 300, 300):
        append(parts.log, parts.codec, city.events(size))
        while live.step():
            pass
        assert_sound(parts, ROLL)
    followed = {name: rows(parts, name) for name in ROLL}
    Rebuild(open_, bound=20_000).run(READ_MODELS)
    for name in ROLL:
        again = rows(parts, name)
        assert again.keys() == followed[name].keys()
        assert all(line.same(followed[name][key]) for key, line in again.items())
    assert any(isinstance(parts.codec.decode(each), EventRetracted) for each in parts.log.read(0, limit=1000))
