"""Other names, and what cannot be taken, where a read model has several partitions."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from events.event import Event
from events.identity.persons import PersonsMerged, PersonsSeparated
from streams.bus.topics import partition_of, partitions
from streams.project.rebuild import Rebuild
from streams.read_ports import Open, Parts
from streams.recheck.replay import replay
from streams.scenario import at
from streams.workers.handover import spread
from streams.workers.partitions import Partition, Partitions, retry
from tests.logs.histories import append
from tests.logs.packing import Packing, places
from tests.streams.project.test_quarantine import FAULTY, PUPILS, enrolled, grades, promoted

EVERYWHERE = places(["person"])


@pytest.fixture(autouse=True)
def _faulty() -> Iterator[None]:
    yield
    FAULTY["on"] = True


@pytest.fixture
def worker(open_: Open, parts: Parts) -> Partitions:
    Rebuild(open_).bring_up([PUPILS])
    spread(parts, [PUPILS])
    found = Partitions(parts, [PUPILS])
    found.assign(EVERYWHERE)
    return found


def place(person: str) -> Partition:
    return "person", partition_of(person, partitions("person"))


def person_on(number: int, but: str = "") -> str:
    return next(each for each in (f"q-{n}" for n in range(1000)) if place(each)[1] == number and each != but)


def merged(number: int, merged_: str, surviving: str) -> Event:
    return PersonsMerged(
        merged=merged_, surviving=surviving, id=str(number), source="/test", occurred_at=at("2025-10-01")
    )


def separated(number: int, separated_: str, surviving: str) -> Event:
    return PersonsSeparated(
        separated=separated_,
        surviving=surviving,
        merge="/test#x",
        id=str(number),
        source="/test",
        occurred_at=at("2025-11-01"),
    )


@pytest.mark.parametrize("length", [1, 2, 9])
@pytest.mark.parametrize("two_on,order", [(3, (3,)), (4, (3, 4)), (4, (4, 3))])
def test_other_names_on_one_partition_and_on_two(
    worker: Partitions, parts: Parts, two_on: int, order: tuple[int, ...], length: int
) -> None:
    one = person_on(3)
    two = person_on(two_on, but=one)
    history = [
        enrolled(1, one, 1),
        enrolled(2, two, 2),
        merged(3, one, two),
        promoted(4, one, 3),
        promoted(5, two, 4),
        separated(6, one, two),
        promoted(7, one, 5),
        promoted(8, two, 6),
    ]
    append(parts.log, parts.codec, history)
    packing, told = Packing(parts, ["person"]), list[list[list[int] | None]]()
    while packing.position < 8:
        records = packing.stretch(length)
        for number in order:
            worker.take({("person", number): [records["person", number]]})
        if packing.position in {4, 6}:
            told.append(grades(parts, one, two))
    assert told == ([] if length == 9 else [[None, [1, 2, 3]], [[1, 3], [2, 4]]])
    assert grades(parts, one, two) == [[1, 3, 5], [2, 4, 6]]


def test_other_names_of_other_names(worker: Partitions, open_: Open, parts: Parts) -> None:
    one, two, three = person_on(3), person_on(4), person_on(5)
    history = [enrolled(1, one, 1), merged(2, one, two), merged(3, two, three), promoted(4, one, 2)]
    append(parts.log, parts.codec, history)
    worker.take({each: [record] for each, record in Packing(parts, ["person"]).stretch(9).items()})
    assert grades(parts, one, two, three) == [None, None, [1, 2]]
    assert list(replay(open_, [PUPILS])) == []


def test_a_poisonous_event_holds_its_key_alone_and_is_retried(
    worker: Partitions, open_: Open, parts: Parts
) -> None:
    one, two = person_on(3), person_on(4)
    history = [
        enrolled(1, one),
        enrolled(2, two),
        promoted(3, one, 13),
        promoted(4, two, 2),
        promoted(5, one, 3),
    ]
    append(parts.log, parts.codec, history)
    worker.take({each: [record] for each, record in Packing(parts, ["person"]).stretch(9).items()})
    assert grades(parts, one, two) == [[1], [1, 2]]
    assert [each.position for each in parts.store.held("test-pupils")] == [3, 5]
    assert retry(parts, PUPILS) == 0
    FAULTY["on"] = False
    assert retry(parts, PUPILS) == 1
    assert grades(parts, one, two) == [[1, 13, 3], [1, 2]]
    assert not parts.store.held("test-pupils")
    assert list(replay(open_, [PUPILS])) == []


def test_a_retry_changes_each_partition_where_it_is(worker: Partitions, open_: Open, parts: Parts) -> None:
    one, two = person_on(3), person_on(4)
    append(
        parts.log,
        parts.codec,
        [enrolled(1, one), promoted(2, one, 13), enrolled(3, two), promoted(4, one, 3)],
    )
    packing = Packing(parts, ["person"])
    first, second = packing.stretch(2), packing.stretch(2)
    worker.take({each: [first[each]] for each in EVERYWHERE})
    worker.take({each: [second[each]] for each in EVERYWHERE if each != place(one)})
    FAULTY["on"] = False
    assert retry(parts, PUPILS) == 1
    assert grades(parts, one, two) == [[1, 13], [1]]
    worker.take({each: [second[each]] for each in EVERYWHERE})
    assert grades(parts, one) == [[1, 13, 3]]
    assert list(replay(open_, [PUPILS])) == []


def test_what_one_partition_cannot_read_holds_nothing_of_another_before_it(
    worker: Partitions, open_: Open, parts: Parts
) -> None:
    one, two = person_on(3), person_on(4)
    append(parts.log, parts.codec, [enrolled(1, one), enrolled(2, two), promoted(3, one, 2)])
    proposal = parts.codec.propose(promoted(4, one, 3))
    parts.log.append([msgspec.structs.replace(proposal, data=proposal.data[:-3])])
    append(parts.log, parts.codec, [promoted(5, one, 4), promoted(6, two, 2)])
    records = Packing(parts, ["person"]).stretch(9)
    worker.take({place(two): [records[place(two)]]})
    assert {each.position for each in parts.store.held("test-pupils")} == {4}
    worker.take({place(one): [records[place(one)]]})
    assert grades(parts, one, two) == [[1, 2], [1, 2]]
    assert {each.position for each in parts.store.held("test-pupils")} == {4, 5}
    worker.take({each: [record] for each, record in records.items()})
    assert retry(parts, PUPILS) == 0
    assert list(replay(open_, [PUPILS])) == []


def test_a_rebuild_keeps_the_partitions_and_what_is_held(
    worker: Partitions, open_: Open, parts: Parts
) -> None:
    one, two = person_on(3), person_on(4)
    append(parts.log, parts.codec, [enrolled(1, one), promoted(2, one, 13), enrolled(3, two)])
    packing = Packing(parts, ["person"])
    records = packing.stretch(3)
    worker.take({place(one): [records[place(one)]]})
    Rebuild(open_).run([PUPILS])
    live = parts.store.live()["test-pupils"]
    assert (live.partitions, live.position) == (12, 3)
    append(parts.log, parts.codec, [promoted(4, one, 3), promoted(5, two, 2)])
    later = packing.stretch(9)
    worker.take({each: [records[each], later[each]] for each in EVERYWHERE})
    assert grades(parts, one, two) == [[1], [1, 2]]
    assert [each.position for each in parts.store.held("test-pupils")] == [2, 4]
    assert list(replay(open_, [PUPILS])) == []
