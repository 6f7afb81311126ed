"""Packed records, however they come, make the rows that the log makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from threading import Event as Flag

import psycopg
import pytest

from adapters.contracts.codec import AvroCodec
from events.entry import Stored, complete
from events.roll.schools import SchoolClosed
from streams.bus.packed import Packed
from streams.project.projector import Projector, Repartitioned
from streams.project.rebuild import Rebuild
from streams.read_ports import Open, Parts
from streams.recheck.replay import replay
from streams.workers import partitions as partitions_
from streams.workers.handover import gather, spread
from streams.workers.partitions import CachingCodec, ForeignRecord, Partition, Partitions
from tests.logs.histories import CHOSEN, City, append, assert_sound
from tests.logs.packing import Packing, places
from tests.logs.read_models import KINDS, MODELS
from tests.streams.project.test_rebuild import background, publishing

EVERYWHERE = places(KINDS)


@pytest.fixture(autouse=True)
def _built(open_: Open, parts: Parts) -> None:
    Rebuild(open_).bring_up(CHOSEN)
    spread(parts, CHOSEN)


def everything(parts: Parts) -> Partitions:
    found = Partitions(parts, CHOSEN)
    found.assign(EVERYWHERE)
    return found


def drain(parts: Parts, packing: Packing, worker: Partitions, length: int = 200) -> None:
    while packing.position < parts.log.head():
        worker.take({place: [each] for place, each in packing.stretch(length).items()})


def as_it_comes(records: list[Packed], _: Random) -> list[Packed]:
    return records


def with_gaps(records: list[Packed], random: Random) -> list[Packed]:
    return [each for each in records if random.random() < 0.7] or records[-1:]


def again_and_again(records: list[Packed], random: Random) -> list[Packed]:
    start = random.randrange(len(records))
    return [*records, *records[start:]]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("delivered", [as_it_comes, with_gaps, again_and_again])
def test_rows_are_what_their_histories_fold_to(
    open_: Open, parts: Parts, seed: int, delivered: Callable[[list[Packed], Random], list[Packed]]
) -> None:
    append(parts.log, parts.codec, City(seed, merges=0.05, retractions=0.05).events(900))
    random, packing, worker = Random(seed), Packing(parts, KINDS), everything(parts)
    waiting: dict[Partition, list[Packed]] = {place: [] for place in EVERYWHERE}
    while packing.position < parts.log.head():
        for place, record in packing.stretch(random.choice((1, 7, 60))).items():
            waiting[place].append(record)
        some = [place for place in EVERYWHERE if random.random() < 0.3]
        worker.take({place: delivered(waiting[place], random) for place in some})
        for place in some:
            waiting[place].clear()
    last = packing.stretch(1)
    worker.take({place: [*waiting[place], last[place]] for place in EVERYWHERE})
    assert worker.positions() == dict.fromkeys(EVERYWHERE, 900)
    assert {each.position for name, each in parts.store.live().items() if name in MODELS} == {900}
    assert_sound(parts, MODELS)
    assert list(replay(open_, CHOSEN)) == []


def test_small_transactions_and_little_memory_are_enough(
    open_: Open, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions_, "BATCH", 3)
    append(parts.log, parts.codec, City(4, merges=0.1).events(400))
    worker = Partitions(parts, CHOSEN, bound=1)
    worker.assign(EVERYWHERE)
    drain(parts, Packing(parts, KINDS), worker)
    assert_sound(parts, MODELS)


def test_two_workers_may_have_one_partition_for_a_while(open_: Open, parts: Parts) -> None:
    append(parts.log, parts.codec, City(5, merges=0.05).events(600))
    random, packing = Random(5), Packing(parts, KINDS)
    with open_() as others:
        workers = [everything(parts), everything(others)]
        waiting: list[dict[Partition, list[Packed]]] = [{}, {}]
        while packing.position < parts.log.head():
            for place, record in packing.stretch(20).items():
                for each in waiting:
                    each.setdefault(place, []).append(record)
            turn = random.randrange(2)
            workers[turn].take(waiting[turn])
            waiting[turn] = {}
        for worker, left in zip(workers, waiting, strict=True):
            worker.take(left)
    assert_sound(parts, MODELS)


def test_idle_partitions_move_together_and_keep_their_rows(parts: Parts) -> None:
    append(parts.log, parts.codec, City(6).events(100))
    packing, worker = Packing(parts, KINDS), everything(parts)
    drain(parts, packing, worker)
    before = parts.store.live()
    append(parts.log, parts.codec, City(7).events(50))
    after, upto = 100, 150
    worker.take({place: [Packed(packing.stretch(0)[place].log, after, upto)] for place in EVERYWHERE})
    live = parts.store.live()
    assert {live[name].position for name in MODELS} == {150}
    assert {name: live[name].epoch for name in MODELS} == {name: before[name].epoch for name in MODELS}
    assert worker.positions() == dict.fromkeys(EVERYWHERE, 150)


def test_rebuilds_go_on_while_workers_fold(open_: Open, parts: Parts) -> None:
    city = City(9, people=200, merges=0.02)
    append(parts.log, parts.codec, city.events(300))

    def fold(numbers: Sequence[int]) -> Callable[[Flag], None]:
        def work(stop: Flag) -> None:
            with open_() as own:
                packing, worker = Packing(own, KINDS), Partitions(own, CHOSEN)
                worker.assign([place for place in EVERYWHERE if place[1] in numbers])
                while not stop.is_set() or packing.position < own.log.head():
                    worker.take({place: [each] for place, each in packing.stretch(15).items()})

        return work

    with background(publishing(open_, city, 40), fold(range(6)), fold(range(5, 12))):
        for _ in range(3):
            Rebuild(open_).run(CHOSEN)
    assert {each.position for each in parts.store.live().values()} == {parts.log.head()}
    assert_sound(parts, MODELS)
    assert list(replay(open_, CHOSEN)) == []


def test_what_the_store_has_lost_is_folded_again_without_new_records(parts: Parts, database_url: str) -> None:
    city = City(10, merges=0.05, retractions=0.05)
    append(parts.log, parts.codec, city.events(100))
    packing, worker = Packing(parts, KINDS), everything(parts)
    drain(parts, packing, worker)
    kept = ["bookmarks", "aliases", *(each.table for each in parts.store.live().values())]
    with psycopg.connect(database_url, autocommit=True) as connection:
        for each in kept:
            connection.execute(f'CREATE TABLE "{each}" AS TABLE read."{each}"')
        append(parts.log, parts.codec, city.events(50))
        drain(parts, packing, worker)
        with connection.transaction():
            for each in kept:
                connection.execute(f'DELETE FROM read."{each}"')  # noqa: S608 - names of our own
                connection.execute(f'INSERT INTO read."{each}" TABLE "{each}"')
    assert {parts.store.live()[name].position for name in MODELS} == {100}
    worker.look_again()
    assert {parts.store.live()[name].position for name in MODELS} == {150}
    assert_sound(parts, MODELS)


def test_records_of_another_log_are_not_taken(parts: Parts) -> None:
    append(parts.log, parts.codec, City(6).events(10))
    with pytest.raises(ForeignRecord, match=parts.log.id):
        everything(parts).take({("person", 0): [Packed(bytes(16), 0, 10)]})
    assert parts.store.live()["students"].position == 0


def test_a_stretch_that_only_the_log_has_is_read_from_it(parts: Parts) -> None:
    append(parts.log, parts.codec, City(8, merges=0.05).events(300))
    packing, worker = Packing(parts, KINDS), everything(parts)
    packing.stretch(250)
    drain(parts, packing, worker)
    assert {parts.store.live()[name].position for name in MODELS} == {300}
    assert_sound(parts, MODELS)


def test_who_expects_other_partitions_has_to_begin_anew(parts: Parts) -> None:
    append(parts.log, parts.codec, City(8).events(30))
    embedded = Projector(parts.log, parts.codec, parts.store, CHOSEN)
    with pytest.raises(Repartitioned, match="12 partitions, and not 1"):
        embedded.step()
    worker = everything(parts)
    worker.take({place: [each] for place, each in Packing(parts, KINDS).stretch(10).items()})
    gather(parts, CHOSEN)
    with pytest.raises(Repartitioned):
        worker.take({place: [each] for place, each in Packing(parts, KINDS).stretch(30).items()})
    while embedded.step():
        pass
    assert_sound(parts, MODELS)


def test_an_entry_is_decoded_once_until_it_is_forgotten() -> None:
    codec = AvroCodec()
    closed = SchoolClosed("s-1", "merged", id="1", source="urn:test", occurred_at=1)
    stored = Stored(7, complete(codec.propose(closed).tail(), 2))
    caching = CachingCodec(codec)
    (event,) = caching.decode_all([stored])
    assert event == codec.decode(stored)
    assert caching.decode(Stored(7, b"what a position has does not change")) is event
    caching.forget()
    again = caching.decode(stored)
    assert again == event
    assert again is not event
