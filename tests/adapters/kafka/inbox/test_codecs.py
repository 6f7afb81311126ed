"""What publishers compress, with clients that are not Python, and what no client can read."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from confluent_kafka import Producer

from adapters.clock import now
from adapters.kafka.clients import admin, producer
from adapters.kafka.jars import java
from adapters.kafka.refused.feed import feed
from adapters.kafka.settings import Kafka
from adapters.kafka.topics import carry_out, compare
from adapters.postgres.refused import RefusedQuery, RefusedTable
from adapters.run.inbox import run_inbox
from adapters.run.settings import read_settings
from adapters.run.site import Site, site_on
from events.entry import parse
from streams.bus.topics import INBOX, REFUSED, topics
from tests.adapters.kafka.forms import structured
from tests.bus.inbox import school
from tests.patience import PATIENCE

CODECS = ("gzip", "snappy", "lz4", "zstd")


@pytest.fixture
def site(database_url: str, bus: Kafka, tmp_path: Path) -> Iterator[Site]:
    names = {f"{bus.topics}.{INBOX}", f"{bus.topics}.{REFUSED}"}
    with admin(bus) as client:
        carry_out(client, compare(client, [each for each in topics(bus.topics) if each.name in names]))
    settings = read_settings(
        {
            "DATABASE_URL": database_url,
            "PUJIANG_HOME": str(tmp_path),
            "PUJIANG_KAFKA": bus.servers[0],
            "PUJIANG_TOPICS": bus.topics,
        }
    )
    with site_on(settings, database_url) as found:
        yield found


def taken(site: Site, count: int) -> None:
    """Let the inbox settle as many messages, all of partition 0, and stop: it listens to its signal."""
    name, stop = f"{site.settings.kafka.topics}.{INBOX}/0", threading.Event()
    inbox = threading.Thread(target=run_inbox, args=(site, stop))
    inbox.start()
    try:
        deadline = time.monotonic() + PATIENCE
        while (found := site.log.marks([name])) == {} or found[name].position < count:
            assert time.monotonic() < deadline
            assert inbox.is_alive()
            time.sleep(0.05)
    finally:
        stop.set()
        inbox.join(PATIENCE)
    assert not inbox.is_alive()


def recorded(site: Site) -> list[str]:
    return [parse(each.entry).id for each in site.log.read(0, limit=1000)]


def schools(codec: str) -> list[bytes]:
    return [structured(school(f"{codec}-{number}"))[0] for number in range(20)]


def test_what_clients_in_c_and_java_compress_is_recorded(
    site: Site, bus: Kafka, kafka_programs: Path, tmp_path: Path
) -> None:
    topic = f"{bus.topics}.{INBOX}"
    for codec in CODECS:
        librdkafka = Producer(
            {"bootstrap.servers": bus.servers[0], "compression.type": codec, "linger.ms": 200}
        )
        for each in schools(f"c-{codec}"):
            headers: list[tuple[str, str | bytes | None]] = [("content-type", "application/cloudevents+json")]
            librdkafka.produce(topic, each, partition=0, headers=headers)
        librdkafka.flush()
        lines = tmp_path / codec
        lines.write_bytes(b"\n".join(schools(f"java-{codec}")))
        program = Path(__file__).with_name("Produce.java")
        command = [java(), "-cp", f"{kafka_programs}/*", program, bus.servers[0], topic, codec, lines]
        subprocess.run([*map(str, command)], check=True, capture_output=True)
    taken(site, 2 * len(CODECS) * 20)
    assert recorded(site) == [
        f"school-{client}-{codec}-{number}"
        for codec in CODECS
        for client in ("c", "java")
        for number in range(20)
    ]


class _Latin(str):
    """A name that is sent in Latin-1."""

    __slots__ = ()

    def encode(self, *_: object) -> bytes:
        return str(self).encode("latin-1")


def test_a_message_that_no_client_can_read_is_refused_and_hides_no_other(site: Site, bus: Kafka) -> None:
    out = producer(bus, linger_ms=1000, compression_type="gzip")
    for number in range(3):
        value, headers = structured(school(f"s-{number}"))
        named = [*headers, (_Latin("größe"), b"1")] if number == 1 else list(headers)
        out.send(f"{bus.topics}.{INBOX}", value, partition=0, headers=named)
    out.close()
    taken(site, 3)
    assert recorded(site) == ["school-s-0", "school-s-2"]
    with RefusedTable(site.url) as table, feed(bus, table, now) as rows:
        rows.catch_up()
        found = table.rows(f"{bus.topics}.{INBOX}", RefusedQuery(limit=10))
    assert [(each.coordinates, each.code) for each in found] == [(f"{bus.topics}.{INBOX}/0/1", "malformed")]


async def test_workers_read_packed_topics_that_the_broker_compresses(bus: Kafka) -> None:
    names = [f"{bus.topics}.{codec}" for codec in CODECS]
    with admin(bus) as client:
        client.create_topics(
            {
                name: {"num_partitions": 1, "replication_factor": 1, "configs": {"compression.type": codec}}
                for name, codec in zip(names, CODECS, strict=True)
            }
        )
    out = producer(bus)
    for name in names:
        out.send(name, name.encode() * 100, partition=0)
    out.close()
    reader = AIOKafkaConsumer(bootstrap_servers=bus.servers[0], auto_offset_reset="earliest")
    await reader.start()
    try:
        reader.assign([TopicPartition(name, 0) for name in names])
        found = sorted([(await reader.getone()).value for _ in names])
    finally:
        await reader.stop()
    assert found == sorted(name.encode() * 100 for name in names)
