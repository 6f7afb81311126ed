"""The inbox: messages of publishers are judged like events over HTTP, and each is settled once.

A batch is settled in three steps: refused messages are written and acknowledged, admitted events are appended, and the
marks of the partitions move in the transaction of the append. After a crash before it the batch is repeated, as if it
had never been read; after it nothing is repeated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from threading import Lock
from typing import Protocol

import structlog
from msgspec import Struct, structs

from streams.bus.message import Message, RefusedMessage, UnreadableMessage
from streams.inbox.outcome import InboxOutcome, identity_of, outcome_of, refusal, waits
from streams.inbox.waiting_room import Item, WaitingRoom
from streams.ports import Log, LogUnavailable, Mark, Overtaken
from streams.publish.publisher import Publisher
from streams.publish.request import Recorded, Repeated, Request

BATCH = 1000
"""The most messages in a batch: as many events as a group of HTTP requests usually has."""

PATIENCE = 60_000_000
"""For how long, in microseconds, an event that may only have come too early is tried again."""

MOST_ROUNDS = 5
"""How often in a row lanes are tried again because one of their events was recorded; then new messages have their turn."""

MOST_FAULTS = 20
"""How many events of a batch may crash the judge before the judge itself is assumed broken and the inbox stops."""

log = structlog.get_logger()


class RefusedUnavailable(Exception):
    """Refused messages cannot be written now."""


class OtherTopic(Exception):
    """The marks are of another topic with the same name."""


class MessageDecoder(Protocol):
    """Turns messages into events."""

    def decode(self, messages: Sequence[Message]) -> Sequence[Request | UnreadableMessage]:
        """Return, for each message, a request with its event, or what is wrong with it."""


class RefusedMessages(Protocol):
    """Where refused messages go."""

    def send(self, refused: Sequence[RefusedMessage]) -> None:
        """Begin to write refused messages. Raises RefusedUnavailable."""

    def settle(self) -> None:
        """Return once all messages sent are durable. Raises RefusedUnavailable."""


class _Partition(Struct):
    """A partition: its mark, the offset after the last message read, and the offsets that are not settled.

    `missing` are those of them that a previous inbox has read and this one has not.
    """

    mark: Mark
    next: int
    open: set[int]
    missing: set[int]


class Inbox:
    """Settles batches of messages of the partitions assigned to it. Threads may use it one at a time.

    If `take` raises anything, the inbox can no longer rely on what it holds: assign its partitions again.
    """

    def __init__(
        self,
        topic: str,
        *,
        log: Log,
        publisher: Publisher,
        decoder: MessageDecoder,
        refused: RefusedMessages,
        clock: Callable[[], int],
        patience: int = PATIENCE,
        room: WaitingRoom | None = None,
    ) -> None:
        self._topic, self._log, self._publisher = topic, log, publisher
        self._decoder, self._refused, self._clock, self._patience = decoder, refused, clock, patience
        self._room = WaitingRoom() if room is None else room
        self._partitions: dict[int, _Partition] = {}
        self._moving: Sequence[Mark] = ()
        self._lock = Lock()

    @property
    def waiting(self) -> int:
        """How many messages wait to be tried again."""
        return len(self._room)

    def assign(self, bounds: Mapping[int, tuple[int, int]]) -> dict[int, int]:
        """Begin with partitions, or begin anew with those that were held; return the offset to read each from.

        `bounds` has, for each, the first offset that is still there and the one after the last. Raises OtherTopic.
        """
        with self._lock:
            marks = self._log.marks([self._name(partition) for partition in bounds])
            self._publisher.reset()
            return {
                partition: self._begin(partition, marks.get(self._name(partition)), *found)
                for partition, found in bounds.items()
            }

    def revoke(self, partitions: Iterable[int]) -> None:
        """Give up partitions. Whoever is assigned them begins at their marks."""
        with self._lock:
            for partition in partitions:
                self._forget(partition)

    def take(self, messages: Sequence[Message]) -> None:
        """Settle a batch, and waiting messages that are due. Call it regularly, even without messages.

        Messages that are settled already, and those of partitions that are not held, are skipped. On return everything
        is durable. Raises LogUnavailable, RefusedUnavailable, Overtaken, and faults.
        """
        with self._lock:
            now = self._clock()
            new = [each for each in messages if self._is_new(each)]
            items = [self._item(*each, now) for each in zip(new, self._decoder.decode(new), strict=True)]
            fresh = [item for item in items if not self._room.behind(item)]
            items = self._room.take_due(now) + fresh
            for _ in range(MOST_ROUNDS):
                if items:
                    self._settle_all(items)
                    items = self._room.take_due(now)

    def _name(self, partition: int) -> str:
        return f"{self._topic}/{partition}"

    def _begin(self, partition: int, mark: Mark | None, first: int, end: int) -> int:
        self._forget(partition)
        mark = Mark(self._name(partition), first) if mark is None else mark
        if mark.position > end:
            raise OtherTopic(
                f"the inbox was read up to {mark.name}/{mark.position}, but the topic ends at {end}: "
                "it was deleted and created again; set another prefix, PUJIANG_TOPICS"
            )
        missing = {offset for offset in mark.waiting if offset >= first}
        if mark.position < first or len(missing) < len(mark.waiting):
            log.error("inbox-messages-gone", partition=mark.name, read_upto=mark.position, first=first)
        begin = max(mark.position, first)
        self._partitions[partition] = _Partition(mark, begin, set(missing), missing)
        return min(missing, default=begin)

    def _forget(self, partition: int) -> None:
        self._room.drop(partition)
        self._partitions.pop(partition, None)

    def _is_new(self, message: Message) -> bool:
        found = self._partitions.get(message.partition)
        return found is not None and (message.offset >= found.next or message.offset in found.missing)

    def _item(self, message: Message, read: Request | UnreadableMessage, now: int) -> Item:
        found = self._partitions[message.partition]
        found.missing.discard(message.offset)
        found.open.add(message.offset)
        found.next = max(found.next, message.offset + 1)
        subject = next(iter(read.proposals[0].tags), "") if isinstance(read, Request) else ""
        lane = f"{message.partition} {subject or message.offset}"
        return Item(message, read, lane, now, now + self._patience)

    def _settle_all(self, items: Sequence[Item]) -> None:
        """Settle items; those that crash the judge are found and refused."""
        faulty: list[Item] = []
        self._settle(items, faulty)
        for item in faulty:
            sentence = "a fault of this system prevented it from being judged; the fault has been logged"
            item.read = UnreadableMessage("fault", sentence, identity_of(item.read))
        if faulty:
            self._attempt(faulty)

    def _settle(self, items: Sequence[Item], faulty: list[Item]) -> None:
        try:
            self._attempt(items)
        except (LogUnavailable, Overtaken, RefusedUnavailable):
            raise
        except Exception as error:
            self._publisher.reset()
            if len(items) > 1:
                half = len(items) // 2
                self._settle(items[:half], faulty)
                self._settle([item for item in items[half:] if not self._room.behind(item)], faulty)
                return
            faulty.append(items[0])
            if len(faulty) > MOST_FAULTS or isinstance(items[0].read, UnreadableMessage):
                raise
            log.exception("judging-failed", at=items[0].message.coordinates, error=type(error).__name__)

    def _attempt(self, items: Sequence[Item]) -> None:
        """Settle items together; those that came too early wait."""
        now = self._clock()
        requests = []
        for item in items:
            if isinstance(item.read, Request):
                item.read.lane = item.lane if now < item.until else ""
                requests.append(item.read)
        # Unreadable messages are being written while the others are judged.
        self._send([item for item in items if isinstance(item.read, UnreadableMessage)])
        self._publisher.settle(requests, partial(self._marks, items), self._refused.settle)
        for mark in self._moving:
            partition = int(mark.name.rpartition("/")[2])
            self._partitions[partition].mark = structs.replace(mark, moves=mark.moves + 1)
        waiting, moved = [], set()
        for item in items:
            if waits(item):
                waiting.append(item)
                continue
            partition, offset = item.place
            self._partitions[partition].open.discard(offset)
            if isinstance(item.read, Request) and isinstance(item.read.verdicts[0], Recorded | Repeated):
                moved.add(item.lane)
        self._room.keep(waiting, now, moved=moved.__contains__)

    def _marks(self, items: Sequence[Item]) -> Sequence[Mark]:
        """Begin to write refused messages; return the marks that move."""
        self._send(items)
        settled: dict[int, dict[int, InboxOutcome]] = {}
        met: set[tuple[str, str]] = set()
        for item in items:
            outcomes = settled.setdefault(item.message.partition, {})
            if not waits(item):
                outcomes[item.message.offset] = outcome_of(item, met)
        self._moving = [
            mark
            for partition, outcomes in sorted(settled.items())
            if (mark := self._mark(partition, outcomes)) != self._partitions[partition].mark
        ]
        return self._moving

    def _send(self, items: Sequence[Item]) -> None:
        """Begin to write refused messages that have not been written with this code."""
        now = self._clock()
        found = [(item, refused) for item in items if (refused := refusal(item, now))]
        new = [(item, refused) for item, refused in found if item.refused_as != refused.code]
        if new:
            self._refused.send([refused for _, refused in new])
            for item, refused in new:
                item.refused_as = refused.code
            log.info("inbox-refused", codes=dict(Counter(refused.code for _, refused in new)))

    def _mark(self, partition: int, outcomes: Mapping[int, InboxOutcome]) -> Mark:
        found = self._partitions[partition]
        mark, counts = found.mark, Counter(outcomes.values())
        return structs.replace(
            mark,
            position=found.next,
            waiting=tuple(sorted(found.open - outcomes.keys())),
            recorded=mark.recorded + counts["recorded"],
            repeated=mark.repeated + counts["repeated"],
            refused=mark.refused + counts["refused"],
        )
