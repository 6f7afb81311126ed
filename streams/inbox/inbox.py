"""The inbox: messages of upstream systems are judged as what comes over HTTP, each settled once.

What becomes of a batch moves in three steps: refused messages are written and acknowledged, then what was
admitted is appended, and the marks of the partitions move in the transaction of the append. A crash before it
repeats the batch, as if it had never been read; after it nothing is repeated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from threading import Lock
from typing import Protocol

import structlog
from msgspec import Struct, structs

from streams.bus.message import Message, Refused, Unreadable
from streams.inbox.outcome import End, end_of, identity_of, refusal, waits
from streams.inbox.waiting_room import Item, WaitingRoom
from streams.ports import Log, LogUnavailable, Mark, Overtaken
from streams.publish.publisher import Publisher
from streams.publish.request import Recorded, Repeated, Request

BATCH = 1000
"""How many messages a batch has at most."""

PATIENCE = 60_000_000
"""How long, in microseconds, an event that may only have come too early is tried again."""

MOST_ROUNDS = 5
"""How often in a row lanes are tried of which something was recorded; then it is others' turn."""

MOST_FAULTS = 20
"""Events of one batch that break the judge; with more of them the fault is not theirs, and stops the inbox."""

log = structlog.get_logger()


class RefusedUnavailable(Exception):
    """Refused messages can be written nowhere now."""


class OtherTopic(Exception):
    """The topic is not the one that the marks are of."""


class Reader(Protocol):
    """Reads messages."""

    def read(self, messages: Sequence[Message]) -> Sequence[Request | Unreadable]:
        """Return for each message a request of its one event, or what is wrong with it."""


class RefusedMessages(Protocol):
    """Where refused messages go."""

    def send(self, refused: Sequence[Refused]) -> None:
        """Begin to write refused messages. Raises RefusedUnavailable."""

    def settle(self) -> None:
        """Return once all that were sent are durable. Raises RefusedUnavailable."""


class _Partition(Struct):
    """A partition: its mark, the offset behind the last message read, and the offsets that are not settled.

    `missing` are those of them that an inbox before this one has read, and this one not yet.
    """

    mark: Mark
    next: int
    open: set[int]
    missing: set[int]


class Inbox:
    """Settles batches of messages of the partitions assigned to it. Any thread may use it, one at a time.

    After whatever `take` raises, nothing of what it holds can be relied on: partitions are to be assigned anew.
    """

    def __init__(
        self,
        topic: str,
        *,
        log: Log,
        publisher: Publisher,
        reader: Reader,
        refused: RefusedMessages,
        clock: Callable[[], int],
        patience: int = PATIENCE,
        room: WaitingRoom | None = None,
    ) -> None:
        self._topic, self._log, self._publisher = topic, log, publisher
        self._reader, self._refused, self._clock, self._patience = reader, refused, clock, patience
        self._room = WaitingRoom() if room is None else room
        self._partitions: dict[int, _Partition] = {}
        self._moving: Sequence[Mark] = ()
        self._lock = Lock()

    @property
    def waiting(self) -> int:
        """How many messages wait to be tried again."""
        return len(self._room)

    def assign(self, bounds: Mapping[int, tuple[int, int]]) -> dict[int, int]:
        """Take on partitions, anew where they were held; return for each the offset to read on from.

        `bounds` has the first offset that there still is of each, and the one behind the last. Raises OtherTopic.
        """
        with self._lock:
            marks = self._log.marks([self._name(partition) for partition in bounds])
            self._publisher.reset()
            return {
                partition: self._begin(partition, marks.get(self._name(partition)), *found)
                for partition, found in bounds.items()
            }

    def revoke(self, partitions: Iterable[int]) -> None:
        """Let go of partitions: who takes them on begins at their marks."""
        with self._lock:
            for partition in partitions:
                self._forget(partition)

    def take(self, messages: Sequence[Message]) -> None:
        """Settle a batch, and those that wait and are due; to be called every now and then, also with nothing.

        Messages that were settled before, and those of partitions not held, are passed over. On return all is
        durable. Raises LogUnavailable, RefusedUnavailable, Overtaken, and faults.
        """
        with self._lock:
            now = self._clock()
            new = [each for each in messages if self._is_new(each)]
            items = [self._item(*each, now) for each in zip(new, self._reader.read(new), strict=True)]
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
                "it was made anew under a name that had been used; use another prefix"
            )
        missing = {offset for offset in mark.waiting if offset >= first}
        if mark.position < first or len(missing) < len(mark.waiting):
            log.error("inbox_messages_gone", partition=mark.name, read_upto=mark.position, first=first)
        begin = max(mark.position, first)
        self._partitions[partition] = _Partition(mark, begin, set(missing), missing)
        return min(missing, default=begin)

    def _forget(self, partition: int) -> None:
        self._room.drop(partition)
        self._partitions.pop(partition, None)

    def _is_new(self, message: Message) -> bool:
        found = self._partitions.get(message.partition)
        return found is not None and (message.offset >= found.next or message.offset in found.missing)

    def _item(self, message: Message, read: Request | Unreadable, now: int) -> Item:
        found = self._partitions[message.partition]
        found.missing.discard(message.offset)
        found.open.add(message.offset)
        found.next = max(found.next, message.offset + 1)
        subject = next(iter(read.proposals[0].tags), "") if isinstance(read, Request) else ""
        lane = f"{message.partition} {subject or message.offset}"
        return Item(message, read, lane, now, now + self._patience)

    def _settle_all(self, items: Sequence[Item]) -> None:
        """Settle items; those that break the judge are found, and refused."""
        faulty: list[Item] = []
        self._settle(items, faulty)
        for item in faulty:
            sentence = "judging it failed, which should not have happened; it has been noted"
            item.read = Unreadable("fault", sentence, identity_of(item.read))
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
            if len(faulty) > MOST_FAULTS or isinstance(items[0].read, Unreadable):
                raise
            log.exception("judging_failed", at=items[0].message.coordinates, error=type(error).__name__)

    def _attempt(self, items: Sequence[Item]) -> None:
        """Settle items together, and let those wait that came too early."""
        now = self._clock()
        requests = []
        for item in items:
            if isinstance(item.read, Request):
                item.read.lane = item.lane if now < item.until else ""
                requests.append(item.read)
        # What cannot be read is on its way while the others are judged.
        self._send([item for item in items if isinstance(item.read, Unreadable)])
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
        """Begin to write what is refused; return where the marks move to, those that do."""
        self._send(items)
        settled: dict[int, dict[int, End]] = {}
        met: set[tuple[str, str]] = set()
        for item in items:
            ends = settled.setdefault(item.message.partition, {})
            if not waits(item):
                ends[item.message.offset] = end_of(item, met)
        self._moving = [
            mark
            for partition, ends in sorted(settled.items())
            if (mark := self._mark(partition, ends)) != self._partitions[partition].mark
        ]
        return self._moving

    def _send(self, items: Sequence[Item]) -> None:
        """Begin to write what is refused and was not yet written so."""
        now = self._clock()
        told = [(item, refused) for item in items if (refused := refusal(item, now))]
        new = [(item, refused) for item, refused in told if item.told != refused.code]
        if new:
            self._refused.send([refused for _, refused in new])
            for item, refused in new:
                item.told = refused.code
            log.info("inbox_refused", codes=dict(Counter(refused.code for _, refused in new)))

    def _mark(self, partition: int, ends: Mapping[int, End]) -> Mark:
        found = self._partitions[partition]
        mark, counts = found.mark, Counter(ends.values())
        return structs.replace(
            mark,
            position=found.next,
            waiting=tuple(sorted(found.open - ends.keys())),
            recorded=mark.recorded + counts["recorded"],
            repeated=mark.repeated + counts["repeated"],
            refused=mark.refused + counts["refused"],
        )
