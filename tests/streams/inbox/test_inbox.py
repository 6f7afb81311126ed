"""The inbox over messages in memory: order, patience, marks, fences and faults; over Kafka: tests/adapters/kafka."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import Mock

import pytest
from structlog.testing import capture_logs

from adapters.keys.sealer import Sealer
from adapters.keys.store import open_store
from events.event import Event
from streams.bus.message import Message
from streams.inbox.inbox import MOST_FAULTS, OtherTopic, RefusedUnavailable
from streams.inbox.waiting_room import WaitingRoom
from streams.ports import LogUnavailable, Overtaken
from tests.bus.inbox import Bench, details, message, messages, person, school
from tests.logs.cloudevents import event

Make = Callable[..., Bench]


@pytest.fixture
def sealer(tmp_path: Path) -> Iterator[Sealer]:
    store = open_store(f"sqlite:///{tmp_path}/keys.db")
    yield Sealer(store.keys, store.secrets)
    store.close()


@pytest.fixture
def make(database_url: str, sealer: Sealer) -> Iterator[Make]:
    made: list[Bench] = []

    def make(**more: Any) -> Bench:
        made.append(Bench(database_url, sealer, **more))
        made[-1].assign(0, 1)
        return made[-1]

    yield make
    for each in made:
        each.log.close()


@pytest.fixture
def bench(make: Make) -> Bench:
    return make()


def test_a_batch_is_recorded_and_its_poison_refused_with_reasons(bench: Bench) -> None:
    bench.inbox.take(
        messages(school("s"), b"{", school("s", "again"), school("t"), event("x", "roll.Nothing"))
    )
    assert bench.recorded() == ["school-s", "school-t"]
    assert sorted(bench.kept.codes) == [(1, "malformed"), (2, "school-registered"), (4, "unknown-type")]
    found = {each.code: each for each in bench.kept.refused}
    assert found["school-registered"].rule == "roll.new_school"
    assert found["school-registered"].identity.id == "again"
    assert found["unknown-type"].sentence.startswith("/type: 'roll.Nothing' is not an event type")
    assert bench.mark() == (5, ())


def test_another_event_under_the_same_identity_is_refused_and_the_same_is_not(bench: Bench) -> None:
    bench.inbox.take(messages(school("s"), school("s"), school("s", name="另一所")))
    bench.inbox.take(messages(school("s"), school("s", name="再一所"), first=3))
    assert bench.recorded() == ["school-s"]
    assert bench.kept.codes == [(2, "clash"), (4, "clash")]
    assert bench.counts() == {"recorded": 1, "repeated": 2, "refused": 2}


def test_what_was_taken_back_is_refused_when_it_comes_again(bench: Bench) -> None:
    sent = school("s")
    about = {"event": f"{sent['source']}#{sent['id']}", "event_type": "roll.SchoolRegistered"}
    taken_back = event(
        "r", "audit.EventRetracted", **about, carries=["school:s", "district:310115"], reason="duplicate"
    )
    bench.inbox.take(messages(sent, taken_back))
    bench.inbox.take(messages(sent, first=2))
    assert bench.recorded() == ["school-s", "r"]
    assert bench.kept.codes == [(2, "retracted")]
    assert (
        bench.kept.refused[0].sentence == "it was recorded at 1 and taken back at 2: send it under another id"
    )
    assert bench.counts() == {"recorded": 2, "repeated": 0, "refused": 1}


def test_what_was_settled_is_not_settled_again(bench: Bench, make: Make) -> None:
    """The verdict of a message stays, though it would be another one now: the pupil's later news came after it."""
    sent = messages(school("s", "first"), school("s", "second"), details("s", "d-1", "新名"))
    bench.inbox.take(sent)
    bench.inbox.take(sent)
    assert bench.inbox.assign({0: (0, 3)}) == {0: 3}
    bench.inbox.take(sent)
    other = make()
    other.inbox.take(sent)
    assert bench.recorded() == ["first", "d-1"]
    assert (bench.kept.codes, other.kept.codes) == ([(1, "school-registered")], [])


def test_a_message_that_came_too_early_is_recorded_once_another_partition_has_brought_what_it_needs(
    bench: Bench,
) -> None:
    bench.inbox.take(messages(details("s", "d-1", "甲"), school("t")))
    assert (bench.recorded(), bench.inbox.waiting, bench.mark()) == (["school-t"], 1, (2, (0,)))
    bench.inbox.take(messages(school("s"), partition=1))
    bench.inbox.take([])
    assert bench.recorded() == ["school-t", "school-s"]
    bench.clock.pass_(0.3)
    bench.inbox.take([])
    assert bench.recorded() == ["school-t", "school-s", "d-1"]
    assert (bench.inbox.waiting, bench.mark(), bench.kept.codes) == (0, (2, ()), [])


def test_what_it_needs_may_come_behind_it(bench: Bench) -> None:
    sent = messages(
        details("s", "d-1", "甲"), details("s", "d-2", "乙"), school("s"), details("s", "d-3", "丙")
    )
    bench.inbox.take(sent)
    bench.inbox.take([])
    assert bench.recorded() == ["school-s", "d-1", "d-2", "d-3"]
    assert bench.kept.codes == []


def test_later_ones_of_the_subject_wait_behind_it_and_others_do_not(bench: Bench) -> None:
    moved = event("away", "roll.SchoolsMerged", school="s", into="unheard-of")
    bench.inbox.take(messages(school("s"), moved, details("s", "d-1", "甲")))
    bench.inbox.take(messages(details("s", "d-2", "乙"), school("t"), first=3))
    assert bench.recorded() == ["school-s", "school-t"]
    assert bench.mark() == (5, (1, 2, 3))
    bench.clock.pass_(61)
    bench.inbox.take([])
    assert bench.recorded() == ["school-s", "school-t", "d-1", "d-2"]
    assert bench.kept.codes == [(1, "unknown-school")]


def test_patience_ends_for_each_from_its_own_first_try(bench: Bench) -> None:
    bench.inbox.take(messages(details("s", "d-1", "甲")))
    bench.clock.pass_(30)
    bench.inbox.take(messages(details("s", "d-2", "乙"), details("r", "d-3", "丙"), first=1))
    bench.clock.pass_(30)
    bench.inbox.take([])
    assert bench.kept.codes == [(0, "unknown-school")]
    bench.inbox.take(messages(school("r"), partition=1))
    bench.clock.pass_(30)
    bench.inbox.take([])
    assert bench.kept.codes == [(0, "unknown-school"), (1, "unknown-school")]
    assert (bench.recorded(), bench.inbox.waiting) == (["school-r", "d-3"], 0)


def test_tries_become_rarer(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    settle = Mock(wraps=bench.publisher.settle)
    monkeypatch.setattr(bench.publisher, "settle", settle)
    bench.inbox.take(messages(details("s", "d-1", "甲")))
    tries = []
    for number in range(1, 701):
        bench.clock.pass_(0.1)
        before = settle.call_count
        bench.inbox.take([])
        tries += [number / 10] * (settle.call_count - before)
    assert tries == [0.2, 0.6, 1.8, 5.4, 16.2, 48.6, 60]
    assert bench.kept.codes == [(0, "unknown-school")]


def test_what_waits_is_waited_for_again_by_who_takes_over(bench: Bench, make: Make) -> None:
    sent = messages(details("s", "d-1", "甲"), school("t"), details("r", "d-2", "乙"), school("u"))
    bench.inbox.take(sent)
    assert bench.mark() == (4, (0, 2))
    other = make()
    assert other.assign(0) == {0: 0}
    other.inbox.take(sent[:1])
    other.inbox.take(messages(school("s"), school("r"), partition=1))
    other.clock.pass_(0.3)
    other.inbox.take([])
    assert other.recorded() == ["school-t", "school-u", "school-s", "school-r", "d-1"]
    assert other.mark() == (4, (2,))
    other.inbox.take([*sent[1:], message(4, school("v"))])
    assert other.recorded()[-2:] == ["d-2", "school-v"]
    assert (other.mark(), other.kept.codes) == ((5, ()), [])


def test_who_was_overtaken_writes_nothing_more(bench: Bench, make: Make) -> None:
    bench.inbox.take(messages(details("s", "d-1", "甲")))
    other = make()
    other.inbox.take(messages(details("s", "d-1", "甲"), school("s")))
    other.inbox.take([])
    assert other.recorded() == ["school-s", "d-1"]
    with pytest.raises(Overtaken):
        bench.inbox.take([message(1, school("another"))])
    bench.clock.pass_(61)
    assert bench.assign(0) == {0: 2}
    bench.inbox.take([message(1, school("another")), message(2, school("t"))])
    assert bench.recorded() == ["school-s", "d-1", "school-t"]
    assert bench.kept.codes == []


def test_beyond_the_bound_the_oldest_lose_their_patience(make: Make) -> None:
    bench = make(room=WaitingRoom(most=3))
    for number in range(5):
        bench.inbox.take([message(number, details(f"s-{number}", f"d-{number}", "甲"))])
        bench.clock.pass_(0.01)
    bench.inbox.take([])
    assert bench.kept.codes == [(0, "unknown-school"), (1, "unknown-school")]
    assert (bench.inbox.waiting, bench.mark()) == (3, (5, (2, 3, 4)))


def test_bytes_that_wait_are_bounded_too(make: Make) -> None:
    bench = make(room=WaitingRoom(most_bytes=1000))
    bench.inbox.take(messages(*(details(f"s-{number}", f"d-{number}", "甲" * 60) for number in range(5))))
    bench.inbox.take([])
    assert bench.inbox.waiting < 4
    assert bench.kept.codes[0] == (0, "unknown-school")


def test_an_event_that_breaks_the_judge_is_refused_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_for(bench, monkeypatch, {"school-3", "school-7"})
    with capture_logs() as told:
        bench.inbox.take(messages(*(school(str(number)) for number in range(10))))
    assert [each["at"] for each in told if "at" in each] == ["test.inbox/0/3", "test.inbox/0/7"]
    assert [each["codes"] for each in told if "codes" in each] == [{"fault": 2}]
    assert bench.recorded() == [f"school-{number}" for number in range(10) if number not in (3, 7)]
    assert bench.kept.codes == [(3, "fault"), (7, "fault")]
    assert bench.mark() == (10, ())


def test_where_all_break_the_judge_the_inbox_stops_and_none_is_refused(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = MOST_FAULTS + 5
    break_for(bench, monkeypatch, {f"school-{each}" for each in range(number)})
    with capture_logs(), pytest.raises(ZeroDivisionError):
        bench.inbox.take(messages(*(school(str(each)) for each in range(number))))
    assert (bench.recorded(), bench.kept.codes) == ([], [])
    assert bench.assign(0) == {0: 0}


def break_for(bench: Bench, monkeypatch: pytest.MonkeyPatch, ids: set[str]) -> None:
    admit = bench.judge.admit

    def admitting(event: Event) -> None:
        if event.id in ids:
            raise ZeroDivisionError
        admit(event)

    monkeypatch.setattr(bench.judge, "admit", admitting)


@pytest.mark.parametrize("outage", [LogUnavailable("away"), RefusedUnavailable("away")])
def test_an_outage_settles_nothing_and_the_same_batch_is_settled_later(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, outage: Exception
) -> None:
    def away(*_: object) -> None:
        raise outage

    sent = messages(school("s"), b"nothing", details("r", "d-1", "甲"))
    with monkeypatch.context() as patched:
        if isinstance(outage, LogUnavailable):
            patched.setattr(bench.log, "append", away)
        else:
            patched.setattr(bench.kept, "settle", away)
        with pytest.raises(type(outage)):
            bench.inbox.take(sent)
    assert bench.recorded() == []
    assert bench.assign(0, 1) == {0: 0, 1: 0}
    bench.inbox.take(sent)
    assert (bench.recorded(), bench.mark()) == (["school-s"], (3, (2,)))
    assert (bench.kept.codes[-1], bench.inbox.waiting) == ((1, "malformed"), 1)


def test_refused_messages_are_written_before_anything_of_their_batch_is_recorded(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int]] = []
    settle = bench.kept.settle

    def settling() -> None:
        settle()
        seen.append((bench.log.head(), len(bench.kept.refused)))

    monkeypatch.setattr(bench.kept, "settle", settling)
    bench.inbox.take(messages(school("s"), b"", b"{}", person("p")))
    assert (seen, bench.log.head()) == ([(0, 2)], 2)


def test_a_topic_that_is_shorter_than_its_mark_is_another_topic(bench: Bench) -> None:
    bench.inbox.take(messages(school("s"), school("t")))
    with pytest.raises(OtherTopic, match=r"test.inbox/0/2, but the topic ends at 1"):
        bench.assign(0, end=1)


def test_messages_that_are_gone_are_passed_over(bench: Bench) -> None:
    bench.inbox.take(messages(details("s", "d-1", "甲"), school("t"), details("r", "d-2", "甲")))
    assert bench.mark() == (3, (0, 2))
    assert bench.assign(0, first=1) == {0: 2}
    bench.inbox.take(messages(details("r", "d-2", "甲"), school("u"), first=2))
    assert bench.mark() == (4, (2,))
    assert bench.assign(0, first=9) == {0: 9}


def test_partitions_that_are_not_held_are_passed_over(bench: Bench) -> None:
    bench.inbox.take(messages(details("s", "d-1", "甲"), partition=1))
    bench.inbox.revoke([1])
    bench.clock.pass_(61)
    bench.inbox.take(messages(school("t"), partition=1, first=1))
    assert (bench.recorded(), bench.kept.codes, bench.mark(1)) == ([], [], (1, (0,)))


@pytest.mark.parametrize("seed", range(4))
def test_whatever_the_order_each_message_has_one_end(bench: Bench, seed: int) -> None:
    """Messages of few subjects on two partitions, taken in small batches by inboxes that take over at any moment."""
    chance = Random(seed)
    sent = {partition: random_messages(chance, partition) for partition in (0, 1)}
    places = dict.fromkeys(sent, 0)
    while any(places[each] < len(sent[each]) for each in sent) or bench.inbox.waiting:
        if chance.random() < 0.1:
            bench.inbox = bench.another()
            places = bench.assign(*sent)
        batch = []
        for partition in sent:
            size = chance.randrange(6)
            batch += sent[partition][places[partition] : places[partition] + size]
            places[partition] += size
        bench.inbox.take(batch)
        bench.clock.pass_(chance.choice([0, 0.1, 8]))
    recorded, refused = bench.recorded(), [each.identity.id or "" for each in bench.kept.refused]
    assert sorted(recorded + refused) == sorted(
        f"{partition}-{offset}" for partition in sent for offset in range(len(sent[partition]))
    )
    assert [bench.mark(partition) for partition in sent] == [(len(each), ()) for each in sent.values()]
    assert bench.counts(0, 1) == {"recorded": len(recorded), "repeated": 0, "refused": len(refused)}
    for partition in sent:
        for subject in "abc":
            changes = [
                int(offset)
                for place, _, offset in (each.partition("-") for each in recorded)
                if place == str(partition) and is_change(sent[partition][int(offset)], subject)
            ]
            assert changes == sorted(changes)


def random_messages(chance: Random, partition: int) -> list[Message]:
    """Return news of three schools of which each partition brings some before it is known."""
    made = []
    for offset in range(40):
        subject, identity = chance.choice("abc"), f"{partition}-{offset}"
        known = chance.random() < 0.1
        sent = school(subject, identity) if known else details(subject, identity, f"名{offset}")
        made.append(message(offset, sent, partition))
    return made


def is_change(sent: Message, subject: str) -> bool:
    value = sent.value or b""
    return b"DetailsChanged" in value and b'"school":"%b"' % subject.encode() in value
