"""Messages as upstream systems send them to the inbox, and an inbox that reads them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from adapters.contracts.codec import AvroCodec
from adapters.door.door import Door
from adapters.kafka.inbox.decoder import CloudEventDecoder
from adapters.keys.sealer import Sealer
from adapters.postgres.log.log import PostgresLog
from domain.catalogue import RULES
from streams.bus.message import Message, RefusedMessage
from streams.history.histories import Histories
from streams.inbox.inbox import Inbox
from streams.inbox.waiting_room import WaitingRoom
from streams.publish.judge import Judge
from streams.publish.new_keys import NewKeys
from streams.publish.publisher import Publisher
from streams.publish.warm_folds import WarmFolds
from streams.scenario import WARM_BYTES
from tests.logs.cloudevents import event

TOPIC = "test.inbox"
STRUCTURED = (("content-type", b"application/cloudevents+json"),)
CODEC = AvroCodec()

Sent = Mapping[str, Any]


def school(number: str, identity: str = "", name: str = "浦江小学") -> dict[str, Any]:
    """Return the registration of a school."""
    data = {"school": number, "name": name, "district": "310115", "stages": ["primary"]}
    return event(identity or f"school-{number}", "roll.SchoolRegistered", "2024-01-01T08:00:00+08:00", **data)


def details(number: str, identity: str, name: str) -> dict[str, Any]:
    """Return a change of a school's name, which is refused until the school is known."""
    return event(identity, "roll.SchoolDetailsChanged", school=number, name=name)


def person(number: str, name: str = "王小明") -> dict[str, Any]:
    """Return the registration of a person, with personal data."""
    return event(f"person-{number}", "identity.PersonRegistered", person=number, name=name)


def message(offset: int, sent: Sent | bytes, partition: int = 0) -> Message:
    """Return an event, or bytes that are not one, as a message in structured mode."""
    value = sent if isinstance(sent, bytes) else msgspec.json.encode(sent)
    return Message(TOPIC, partition, offset, None, value, STRUCTURED)


def messages(*sent: Sent | bytes, first: int = 0, partition: int = 0) -> list[Message]:
    """Return events as messages at consecutive offsets."""
    return [message(first + number, each, partition) for number, each in enumerate(sent)]


class Kept:
    """Keeps refused messages in a list."""

    def __init__(self) -> None:
        self.refused: list[RefusedMessage] = []
        self._sent: list[RefusedMessage] = []

    def send(self, refused: Sequence[RefusedMessage]) -> None:
        self._sent.extend(refused)

    def settle(self) -> None:
        self.refused += self._sent
        self._sent.clear()

    @property
    def codes(self) -> list[tuple[int, str]]:
        """Return the offset and code of each refused message."""
        return [(each.message.offset, each.code) for each in self.refused]


class Clock:
    """A clock that a test moves forward."""

    def __init__(self) -> None:
        self.now = time.time_ns() // 1000

    def __call__(self) -> int:
        return self.now

    def pass_(self, seconds: float) -> None:
        """Let time pass."""
        self.now += int(seconds * 1_000_000)


class Bench:
    """An inbox over a database, with everything that a test inspects."""

    def __init__(self, url: str, sealer: Sealer, room: WaitingRoom | None = None) -> None:
        self.log, self.kept, self.clock = PostgresLog(url), Kept(), Clock()
        self.judge = Judge(RULES, WarmFolds(Histories(self.log, CODEC), WARM_BYTES))
        self.publisher = Publisher(self.log, CODEC, self.judge, self.clock, NewKeys(sealer.keys))
        self._decoder = CloudEventDecoder(Door(CODEC, sealer), CODEC)
        self.inbox = self.another(room)

    def another(self, room: WaitingRoom | None = None) -> Inbox:
        """Return another inbox over the same database, which shares no memory with this one."""
        return Inbox(
            TOPIC,
            log=self.log,
            publisher=self.publisher,
            decoder=self._decoder,
            refused=self.kept,
            clock=self.clock,
            room=room,
        )

    def assign(self, *partitions: int, first: int = 0, end: int = 1_000_000) -> dict[int, int]:
        """Assign partitions; return the offset at which each is read next."""
        return self.inbox.assign(dict.fromkeys(partitions, (first, end)))

    def recorded(self) -> list[str]:
        """Return the ids of the log's events, in order."""
        return [CODEC.decode(each).id for each in self.log.read(0, limit=100_000)]

    def mark(self, partition: int = 0) -> tuple[int, tuple[int, ...]]:
        """Return the offset up to which a partition is settled, and the offsets that wait before it."""
        found = self.log.marks([f"{TOPIC}/{partition}"])[f"{TOPIC}/{partition}"]
        return found.position, found.waiting

    def counts(self, *partitions: int) -> dict[str, int]:
        """Return how many messages of partitions (by default the first) were recorded, repeated and refused."""
        marks = self.log.marks([f"{TOPIC}/{each}" for each in partitions or (0,)]).values()
        return {
            name: sum(getattr(each, name) for each in marks) for name in ("recorded", "repeated", "refused")
        }
