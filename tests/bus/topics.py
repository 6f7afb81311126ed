"""The topics of a bus: what they hold, read as any subscriber reads them, and what they should hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any
from uuid import UUID

from kafka import TopicPartition
from msgspec import Struct

from adapters.kafka.clients import admin, consumer
from adapters.kafka.settings import Kafka
from adapters.kafka.topics import carry_out, compare
from events.contract import tags
from events.entry import Stored, parse
from events.event import Event
from events.identity.persons import PersonsMerged, PersonsSeparated
from streams.bus.packed import unpack
from streams.bus.topics import by_kind, kinds, partition_of, topics
from streams.ports import Codec, Log, Undecodable


class Found(Struct, frozen=True):
    """A record of a topic."""

    key: bytes | None
    value: bytes
    headers: dict[str, bytes]


def make_topics(bus: Kafka) -> None:
    """Make all topics of a bus."""
    with admin(bus) as client:
        carry_out(client, compare(client, topics(bus.topics)))


def contents(
    bus: Kafka, names: Sequence[str], *, settled: bool = False
) -> dict[tuple[str, int], list[Found]]:
    """Return the committed records of topics, by topic and partition.

    `settled`: up to the last one that was sent. A transaction is committed before each of its partitions has heard so.
    """
    counts = {each.name: each.partitions for each in topics(bus.topics)}
    wanted = [TopicPartition(name, number) for name in names for number in range(counts[name])]
    found: dict[tuple[str, int], list[Found]] = {(each.topic, each.partition): [] for each in wanted}
    reader = consumer(bus)
    try:
        reader.assign(wanted)
        ends = _sent(bus, wanted) if settled else reader.end_offsets(wanted)
        while any(reader.position(each) < ends[each] for each in wanted):
            for partition, records in reader.poll(1000, max_records=10_000).items():
                found[partition.topic, partition.partition] += [
                    Found(each.key, each.value, dict(each.headers)) for each in records
                ]
    finally:
        reader.close()
    return found


def _sent(bus: Kafka, wanted: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
    with closing(consumer(bus, isolation_level="read_uncommitted")) as reader:
        ends: dict[TopicPartition, int] = reader.end_offsets(wanted)
        return ends


def assert_relayed(bus: Kafka, log: Log, codec: Codec) -> None:
    """Assert that the topics hold the log up to its head: each entry once in each place where it belongs, in order."""
    entries = list(log.read(0, limit=1_000_000))
    assert_events(bus, log.id, entries, codec)
    assert_packed(bus, log.id, entries, codec)


def assert_events(bus: Kafka, log: str, entries: Sequence[Stored], codec: Codec) -> None:
    """Assert that the topic `events` holds each readable entry once, in order within its partition."""
    topic = f"{bus.topics}.events"
    found = contents(bus, [topic], settled=True)
    expected: dict[tuple[str, int], list[tuple[int, bytes | None, bytes]]] = {each: [] for each in found}
    for stored in entries:
        try:
            header = parse(stored.entry)
        except ValueError:
            continue
        subject = next(iter(_tags(codec, stored)), None)
        partition = partition_of(subject or "", 12)
        key = None if subject is None else subject.encode()
        expected[topic, partition].append((stored.position, key, header.data))
    got = {
        place: [(int(each.headers["ce_position"]), each.key, each.value) for each in records]
        for place, records in found.items()
    }
    assert _positions(got) == _positions(expected)
    assert got == expected
    assert {each.headers["ce_log"] for records in found.values() for each in records} <= {log.encode()}


def _positions(
    records: Mapping[tuple[str, int], Sequence[tuple[int, bytes | None, bytes]]],
) -> dict[tuple[str, int], list[int]]:
    return {place: [each[0] for each in found] for place, found in records.items()}


def assert_packed(bus: Kafka, log: str, entries: Sequence[Stored], codec: Codec) -> None:
    """Assert that each partition of the packed topics holds its entries, in records without gaps, up to the head."""
    expected = _routed(entries, codec)
    found = contents(bus, [by_kind(kind, bus.topics) for kind in kinds()], settled=True)
    for kind, count in kinds().items():
        for partition in range(count):
            records = [unpack(each.value) for each in found[by_kind(kind, bus.topics), partition]]
            assert {each.log for each in records} <= {UUID(log).bytes}
            assert [each.after for each in records] == [0, *(each.upto for each in records)][:-1]
            assert [each.upto for each in records][-1:] == [len(entries)][: len(records)]
            held = [each for record in records for each in record.entries]
            assert held == expected[kind, partition], (kind, partition)


def _routed(entries: Sequence[Stored], codec: Codec) -> Mapping[tuple[str, int], list[Stored]]:
    """Return the entries of each partition, computed naively: by the values of their tags, and by the aliases of those."""
    into: dict[str, str] = {}
    routed: dict[tuple[str, int], list[Stored]] = {
        (kind, partition): [] for kind, count in kinds().items() for partition in range(count)
    }
    for stored in entries:
        event = _decoded(codec, stored)
        for kind, partition in sorted(set(_places(event, into))):
            routed[kind, partition].append(stored)
        if isinstance(event, PersonsMerged):
            into[event.merged] = event.surviving
        elif isinstance(event, PersonsSeparated):
            into.pop(event.separated, None)
    return routed


def _places(event: Event | None, into: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    for kind, count in kinds().items():
        renamed = kind == "person" and isinstance(event, PersonsMerged | PersonsSeparated)
        if event is None or renamed:
            yield from ((kind, partition) for partition in range(count))
            continue
        for tag in tags(event):
            if tag.startswith(f"{kind}:"):
                value = tag.removeprefix(f"{kind}:")
                yield kind, partition_of(value, count)
                while kind == "person" and value in into:
                    value = into[value]
                yield kind, partition_of(value, count)


def _decoded(codec: Codec, stored: Stored) -> Event | None:
    try:
        return codec.decode(stored)
    except Undecodable:
        return None


def _tags(codec: Codec, stored: Stored) -> Sequence[str]:
    event = _decoded(codec, stored)
    return () if event is None else tags(event)


def values(found: Mapping[Any, Sequence[Found]]) -> list[bytes]:
    """Return the values of all records."""
    return [each.value for records in found.values() for each in records]
