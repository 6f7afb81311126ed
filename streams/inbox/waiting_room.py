"""The waiting room: messages that came too early, in lanes, until they are tried again or given up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from operator import attrgetter

from msgspec import Struct

from streams.bus.message import Message, UnreadableMessage
from streams.publish.request import Request

MOST_WAITING = 5_000
MOST_BYTES = 64 * 1024 * 1024
"""How much may wait, in messages and in bytes; beyond that the oldest are given up."""

FIRST_TRY = 200_000
"""How soon, in microseconds, an event is tried again. From then on each wait is twice as long as all before it."""


class Item(Struct, gc=False):
    """A message in progress: what was read of it, the lane in which it keeps its order, and its deadline.

    `first` is when it was first tried, `until` when it is given up, in microseconds since 1970 UTC. `refused_as` is the
    code with which it was written to the refused messages.
    """

    message: Message
    read: Request | UnreadableMessage
    lane: str
    first: int
    until: int
    refused_as: str = ""

    @property
    def place(self) -> tuple[int, int]:
        """Partition and offset."""
        return self.message.partition, self.message.offset


class _Lane(Struct, gc=False):
    items: list[Item]
    due: int


class WaitingRoom:
    """Items by lane, in order."""

    def __init__(self, most: int = MOST_WAITING, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._lanes: dict[str, _Lane] = {}
        self._items, self._bytes = 0, 0

    def __len__(self) -> int:
        return self._items

    def behind(self, item: Item) -> bool:
        """Let an item wait behind others of its lane; return whether there are any."""
        lane = self._lanes.get(item.lane)
        if lane is not None:
            lane.items.append(item)
            self._count(item, 1)
        return lane is not None

    def keep(self, items: Iterable[Item], now: int, *, moved: Callable[[str], bool]) -> None:
        """Let items wait that have just been tried, in order. Their lanes must be empty.

        A lane has `moved` if one of its events was recorded. It is due at once: others may have waited for that event.
        """
        for lane, together in groupby(sorted(items, key=attrgetter("lane", "place")), key=attrgetter("lane")):
            found = list(together)
            due = now if moved(lane) else now + max(FIRST_TRY, 2 * (now - found[0].first))
            self._lanes[lane] = _Lane(found, min(due, found[0].until))
            for each in found:
                self._count(each, 1)

    def take_due(self, now: int) -> list[Item]:
        """Take out the lanes that are due, some of them because too much is waiting."""
        if self._items > self._most or self._bytes > self._most_bytes:
            self._crowd(now)
        return self._take([name for name, lane in self._lanes.items() if lane.due <= now])

    def drop(self, partition: int) -> None:
        """Drop everything that waits of a partition."""
        self._take(
            [name for name, lane in self._lanes.items() if lane.items[0].message.partition == partition]
        )

    def _crowd(self, now: int) -> None:
        """Give up the oldest items until the rest is within the bounds."""
        oldest = sorted(
            (item for lane in self._lanes.values() for item in lane.items), key=attrgetter("first")
        )
        items, size = self._items, self._bytes
        for item in oldest:
            if items <= self._most and size <= self._most_bytes:
                break
            item.until = self._lanes[item.lane].due = now
            items, size = items - 1, size - item.message.size

    def _take(self, names: Iterable[str]) -> list[Item]:
        taken = [item for name in names for item in self._lanes.pop(name).items]
        for each in taken:
            self._count(each, -1)
        return taken

    def _count(self, item: Item, times: int) -> None:
        self._items += times
        self._bytes += times * item.message.size
