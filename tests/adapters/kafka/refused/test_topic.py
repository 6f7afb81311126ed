"""The topic of refused messages and its rows: what stands clear, what is kept, told once by coordinates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from adapters.clock import now
from adapters.door.door import Door
from adapters.kafka.clients import KafkaFault, admin, producer
from adapters.kafka.refused.feed import feed
from adapters.kafka.refused.retry import publish_again
from adapters.kafka.refused.topic import RefusedTopic
from adapters.kafka.settings import Kafka
from adapters.kafka.topics import carry_out, compare
from adapters.keys.sealer import Sealer
from adapters.keys.store import open_store
from adapters.postgres.log.log import PostgresLog
from adapters.postgres.refused import RefusedQuery, RefusedTable
from adapters.wire.refused import RefusedRow, as_objects, originals
from streams.bus.message import EventIdentity, Message, RefusedMessage
from streams.bus.topics import DAY_MS, INBOX, REFUSED, Topic
from streams.inbox.inbox import RefusedUnavailable
from tests.adapters.kept import kept
from tests.bus.inbox import CODEC, person

DAY = 24 * 3_600_000_000
SAID = "no person 31010120150505123X is registered"


@pytest.fixture
def bus(bus: Kafka) -> Kafka:
    wanted = (Topic(f"{bus.topics}.{INBOX}", 2, DAY_MS), Topic(f"{bus.topics}.{REFUSED}", 1, DAY_MS))
    with admin(bus) as client:
        carry_out(client, compare(client, wanted))
    return bus


@pytest.fixture
def sealer(tmp_path: Path) -> Iterator[Sealer]:
    store = open_store(f"sqlite:///{tmp_path}/keys.db")
    yield Sealer(store.keys, store.secrets)
    store.close()


@pytest.fixture
def out(bus: Kafka) -> Iterator[Any]:
    made = producer(bus, max_block_ms=2000)
    yield made
    made.close()


@pytest.fixture
def write(bus: Kafka, out: Any, sealer: Sealer) -> Callable[[Sequence[RefusedMessage]], None]:
    topic = RefusedTopic(out, f"{bus.topics}.{REFUSED}", sealer)

    def write(refused: Sequence[RefusedMessage]) -> None:
        topic.send(refused)
        topic.settle()

    return write


def refused(bus: Kafka, offset: int, code: str = "unknown-person", **more: Any) -> RefusedMessage:
    message = Message(f"{bus.topics}.{INBOX}", 1, offset, b"key", b"value", (("name", b"x"), ("none", None)))
    made = RefusedMessage(
        message,
        code,
        SAID,
        "identity.takes_no_new_events",
        EventIdentity("urn:test", f"id-{offset}", "a.B"),
        now(),
    )
    return msgspec.structs.replace(made, **more)


@contextmanager
def rows(bus: Kafka, url: str) -> Iterator[Callable[..., list[RefusedRow]]]:
    """Give what asks for rows, brought up to the topic each time."""
    with RefusedTable(url) as table, feed(bus, table, now) as found:

        def ask(**wanted: Any) -> list[RefusedRow]:
            found.catch_up()
            return table.rows(f"{bus.topics}.{INBOX}", RefusedQuery(**wanted))

        yield ask


Write = Callable[[Sequence[RefusedMessage]], None]


def test_a_row_tells_what_the_record_says_and_the_rest_is_sealed(
    bus: Kafka, write: Write, sealer: Sealer, database_url: str
) -> None:
    write([refused(bus, 7)])
    with rows(bus, database_url) as ask:
        (row,) = ask()
    assert (row.coordinates, row.code, row.rule) == (
        f"{bus.topics}.inbox/1/7",
        "unknown-person",
        "identity.takes_no_new_events",
    )
    assert row.sentence.startswith("A person who is unregistered, erased or merged into another number")
    assert (row.source, row.id, row.type) == ("urn:test", "id-7", "a.B")
    (original,) = originals(sealer.open_batch, [row])
    assert original is not None
    assert (original.sentence, original.key, original.value) == (SAID, b"key", b"value")
    assert original.headers == (("name", b"x"), ("none", None))
    assert row.sealed is not None
    assert b"3101012" not in row.sealed


def test_a_message_that_was_refused_twice_is_one_row_with_what_was_told_last(
    bus: Kafka, write: Write, database_url: str
) -> None:
    write([refused(bus, 1), refused(bus, 2)])
    write([refused(bus, 1, "clash"), refused(bus, 3)])
    for _ in range(2):
        with rows(bus, database_url) as ask:
            assert [(row.coordinates[-1], row.code) for row in ask()] == [
                ("1", "clash"),
                ("2", "unknown-person"),
                ("3", "unknown-person"),
            ]
            assert [row.coordinates[-1] for row in ask(code="unknown-person", limit=1)] == ["2"]
            assert [row.coordinates[-1] for row in ask(after=ask()[1].place)] == ["3"]
            assert ask(source="urn:other") == []


def test_of_erased_people_and_of_what_is_too_large_no_original_is_kept(
    bus: Kafka, write: Write, sealer: Sealer, database_url: str
) -> None:
    large = refused(bus, 2)
    large = msgspec.structs.replace(
        large, message=msgspec.structs.replace(large.message, value=b"x" * 1_000_000)
    )
    write([refused(bus, 1, "erased"), large, refused(bus, 3)])
    with rows(bus, database_url) as ask:
        found = ask()
        erased, too_large, kept = originals(sealer.open_batch, found)
        assert erased is not None
        assert (erased.value, erased.headers, too_large) == (None, (), None)
        assert kept is not None
        assert publish_again(bus, sealer.open_batch, found) == 1
        assert [row.coordinates[-1] for row in ask()] == ["1", "2"]
        assert [row.retried_at is None for row in ask(retried=True)] == [True, True, False]


def test_what_is_none_of_ours_and_what_is_too_old_is_passed_over(
    bus: Kafka, out: Any, write: Write, database_url: str
) -> None:
    topic = f"{bus.topics}.{REFUSED}"
    for headers in ([], [("code", b"x")], [("retried_at", b"never")]):
        out.send(topic, b"someone's", headers=headers)
    unheard_of = [
        ("topic", b"t"),
        ("partition", b"0"),
        ("offset", b"1"),
        ("retried_at", b"2024-09-01T00:00:00Z"),
    ]
    out.send(topic, key=b"t/0/1", headers=unheard_of)
    write([refused(bus, 1, at=now() - 31 * DAY), refused(bus, 2, at=now() - 29 * DAY)])
    with rows(bus, database_url) as ask:
        assert [row.coordinates[-1] for row in ask()] == ["2"]


def test_what_has_been_recorded_since_is_told(
    bus: Kafka, write: Write, sealer: Sealer, database_url: str
) -> None:
    log = PostgresLog(database_url)
    write([refused(bus, 1), refused(bus, 2, "clash"), refused(bus, 3)])
    request = kept(Door(CODEC, sealer).single(msgspec.json.encode({**person("p"), "id": "id-1"})), sealer)
    log.append(request.proposals)
    with rows(bus, database_url) as ask:
        found = as_objects(log, sealer.open_batch, ask())
        assert [each["recorded"] for each in found] == [1, None, None]
        assert [(each["sentence"], each["value"]) for each in found[:1]] == [(SAID, "value")]
        assert as_objects(log, None, ask())[0]["value"] is None
    log.close()


def test_a_topic_that_was_made_anew_is_told(bus: Kafka, write: Write, database_url: str) -> None:
    write([refused(bus, 1)])
    with RefusedTable(database_url) as table:
        with feed(bus, table, now) as found:
            found.catch_up()
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute("UPDATE bus.refused_read SET upto = 9")
        with pytest.raises(KafkaFault, match="was read up to 9, but it ends at 1"), feed(bus, table, now):
            pass


def test_where_the_broker_does_not_take_it_nothing_is_told_as_written(
    bus: Kafka, out: Any, sealer: Sealer
) -> None:
    with pytest.raises(RefusedUnavailable):
        RefusedTopic(out, f"{bus.topics}.unmade", sealer).send([refused(bus, 1)])
