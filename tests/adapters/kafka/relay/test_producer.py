"""The relay on a real broker: the topics hold the log, whatever happens to the relay."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import msgspec
import psycopg
import pytest

from adapters.contracts.codec import AvroCodec
from adapters.kafka.clients import producer
from adapters.kafka.relay import relayed_topic
from adapters.kafka.relay.producer import KafkaBus
from adapters.kafka.relay.state import relay_state
from adapters.kafka.settings import Kafka
from adapters.kafka.watch import once
from adapters.postgres.log.log import PostgresLog
from events.entry import Stored, parse
from events.roll.pupils import StudentLeaveStarted
from streams.bus.state import RelayState
from streams.bus.topics import kinds
from streams.relay import relay as flow
from streams.relay.relay import Relay, RelayFault
from tests.bus.topics import assert_relayed, contents, values
from tests.logs.histories import City, append


@contextmanager
def relaying(bus: Kafka, log: PostgresLog, codec: AvroCodec) -> Iterator[Relay]:
    sending = KafkaBus(bus)
    try:
        with Relay(log, codec, sending, kinds()) as relay:
            yield relay
    finally:
        sending.close()


def to_the_head(relay: Relay) -> None:
    while relay.step():
        pass


@pytest.mark.parametrize("seed", range(3))
def test_the_topics_hold_the_log(
    made_bus: Kafka, log: PostgresLog, codec: AvroCodec, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes, city = random.Random(seed), City(seed, merges=0.05)
    monkeypatch.setattr(flow, "BATCH", 50)
    for _ in range(3):  # three relays in turn, each of them while the log grows
        with relaying(made_bus, log, codec) as relay:
            for _ in range(4):
                append(log, codec, city.events(sizes.randrange(90)))
                to_the_head(relay)
    assert_relayed(made_bus, log, codec)


def test_nothing_is_written_while_the_log_stands_still(
    made_bus: Kafka, log: PostgresLog, codec: AvroCodec
) -> None:
    append(log, codec, City(1).events(10))
    with relaying(made_bus, log, codec) as relay:
        to_the_head(relay)
        topic = f"{made_bus.topics}.by-person"
        before = values(contents(made_bus, [topic]))
        assert len(before) == 12  # also where there was no entry: a watermark
        for _ in range(10):
            assert relay.step() == 0
        assert values(contents(made_bus, [topic])) == before


def test_a_stretch_is_bounded_in_bytes_and_its_records_too(
    made_bus: Kafka, log: PostgresLog, codec: AvroCodec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "STRETCH_BYTES", 5000)
    monkeypatch.setattr("streams.bus.packed.LARGEST", 700)
    append(log, codec, City(2, people=3).events(300))
    with relaying(made_bus, log, codec) as relay:
        assert 0 < relay.step() < 100
        to_the_head(relay)
    assert_relayed(made_bus, log, codec)
    records = values(contents(made_bus, [f"{made_bus.topics}.by-person"]))
    assert max(map(len, records)) < 700 + 33 + 300


def test_what_cannot_be_read_goes_wherever_it_may_concern_someone(
    made_bus: Kafka, log: PostgresLog, codec: AvroCodec, database_url: str
) -> None:
    append(log, codec, City(3).events(30))
    entries = {each.position: each.entry for each in log.read()}
    broken = {
        3: entries[3][:-2],  # cut short
        7: entries[7].replace(b"roll.", b"rule."),  # of a type that is not known here, and of its contract
        11: b"\x09" + entries[11][1:],  # of a format that is not known here
    }
    framed = bytearray(entries[15])
    framed[len(framed) - len(parse(entries[15]).data) + 1] = 0x7F  # by a contract that is not known here
    broken[15] = bytes(framed)
    with psycopg.connect(database_url) as connection:
        for position, entry in broken.items():
            connection.execute("UPDATE log.entries SET entry = %s WHERE position = %s", (entry, position))
    with relaying(made_bus, log, codec) as relay:
        to_the_head(relay)
    assert_relayed(made_bus, log, codec)
    events = values(contents(made_bus, [f"{made_bus.topics}.events"]))
    assert len(events) == 29  # all but the one that is no entry


def test_events_are_cloudevents_in_binary_mode(made_bus: Kafka, log: PostgresLog, codec: AvroCodec) -> None:
    append(log, codec, City(4).events(1))
    with relaying(made_bus, log, codec) as relay:
        to_the_head(relay)
    ((record,),) = (each for each in contents(made_bus, [f"{made_bus.topics}.events"]).values() if each)
    (stored,) = log.read()
    event = codec.decode(stored)
    told = {name: value.decode() for name, value in record.headers.items()}
    recorded = told.pop("ce_recordedtime")
    assert recorded.endswith("Z")
    assert recorded.startswith("20")
    assert record.key is not None
    assert told == {
        "ce_specversion": "1.0",
        "content-type": "application/avro",
        "ce_type": "roll." + type(event).__name__,
        "ce_source": "/test",
        "ce_id": "4-1",
        "ce_log": log.id,
        "ce_time": "2024-09-01T05:00:00.000000Z",
        "ce_position": "1",
        "ce_subject": record.key.decode(),
    }


def test_of_two_relays_the_older_one_stops(made_bus: Kafka, log: PostgresLog, codec: AvroCodec) -> None:
    city = City(5)
    append(log, codec, city.events(40))
    with relaying(made_bus, log, codec) as older, relaying(made_bus, log, codec) as newer:
        to_the_head(older)
        newer.take_over()
        append(log, codec, city.events(40))
        with pytest.raises(flow.BusUnavailable):
            to_the_head(older)
        with (
            Relay(log, codec, older._bus, kinds()) as again,
            pytest.raises(RelayFault, match="another relay"),
        ):
            again.step()
        to_the_head(newer)
    assert_relayed(made_bus, log, codec)


def test_relays_that_take_over_from_each_other_neither_lose_nor_double(
    made_bus: Kafka, log: PostgresLog, codec: AvroCodec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "BATCH", 20)
    city, over = City(6, merges=0.05), threading.Event()

    def grow() -> None:
        for _ in range(60):
            append(log, codec, city.events(10))
        over.set()

    growing = threading.Thread(target=grow)
    growing.start()
    try:
        while not over.is_set():
            with relaying(made_bus, log, codec) as one, relaying(made_bus, log, codec) as two:
                for each in (one, two, one):
                    for _ in range(3):
                        try:
                            each.step()
                        except (flow.BusUnavailable, RelayFault):
                            break
    finally:
        growing.join()
    with relaying(made_bus, log, codec) as last:
        to_the_head(last)
    assert_relayed(made_bus, log, codec)


@pytest.mark.parametrize(
    "change, said",
    [
        ("UPDATE log.head SET id = gen_random_uuid()", "set another prefix, PUJIANG_TOPICS"),
        (
            "DELETE FROM log.entries WHERE position > 30; UPDATE log.head SET position = 30, tree = int8send(30)",
            "position 40 was relayed, but the log ends at 30",
        ),
        (
            "UPDATE log.entries SET entry = entry || '\\x00' WHERE position = 40",
            "the entry at position 40 is not the one that was relayed",
        ),
    ],
)
def test_another_log_is_not_relayed_after_this_one(  # noqa: PLR0917 - pytest passes by name
    made_bus: Kafka, log: PostgresLog, codec: AvroCodec, database_url: str, change: str, said: str
) -> None:
    append(log, codec, City(7).events(40))
    with relaying(made_bus, log, codec) as relay:
        to_the_head(relay)
    with psycopg.connect(database_url) as connection:
        connection.execute(change)
    other = PostgresLog(database_url)
    before = contents(made_bus, [f"{made_bus.topics}.events"])
    with relaying(made_bus, other, codec) as relay, pytest.raises(RelayFault, match=said):
        relay.step()
    other.close()
    assert contents(made_bus, [f"{made_bus.topics}.events"]) == before


def test_where_it_is_is_found_behind_what_was_never_committed(
    made_bus: Kafka, log: PostgresLog, codec: AvroCodec, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = partial(relay_state, log, made_bus)
    assert relayed_topic.last(made_bus) is None
    assert once(made_bus, look) == RelayState(position=0, lag=0)
    append(log, codec, City(8).events(40))
    with relaying(made_bus, log, codec) as relay:
        to_the_head(relay)
        reached = relayed_topic.last(made_bus)
    assert reached is not None
    assert (reached.log, reached.position) == (log.id, 40)
    other = producer(made_bus, transactional_id=f"{made_bus.topics}.other")
    other.init_transactions()
    for _ in range(3):
        other.begin_transaction()
        for _ in range(5):
            other.send(
                relayed_topic.topic(made_bus.topics), msgspec.json.encode(reached), b"never", partition=0
            )
        other.flush()
        other.abort_transaction()
    other.close()
    monkeypatch.setattr(relayed_topic, "LOOK_BACK", 2)
    assert relayed_topic.last(made_bus) == reached
    append(log, codec, City(9).events(5))
    assert once(made_bus, look) == RelayState(position=40, lag=5)


def test_before_its_topics_are_made_nothing_is_relayed(
    bus: Kafka, log: PostgresLog, codec: AvroCodec
) -> None:
    append(log, codec, City(10).events(3))
    assert once(bus, partial(relay_state, log, bus)) == RelayState(position=0, lag=3)


def test_the_largest_entries_fit(made_bus: Kafka, log: PostgresLog, codec: AvroCodec) -> None:
    large = [
        StudentLeaveStarted(
            person="p-1",
            school="s-1",
            until="2025-01-01",
            reason=b"x" * 65_000,
            id=str(number),
            source="/test",
            occurred_at=1,
        )
        for number in range(40)
    ]
    append(log, codec, large)
    with relaying(made_bus, log, codec) as relay:
        to_the_head(relay)
    assert_relayed(made_bus, log, codec)
    assert isinstance(log.read()[0], Stored)
