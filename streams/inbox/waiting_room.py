"""The waiting room: messages that came too early, in lanes, until they are tried again or their patience ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from operator import attrgetter

from msgspec import Struct

from streams.bus.message import Message, Unreadable
from streams.publish.request import Request

MOST_WAITING = 5_000
MOST_BYTES = 64 * 1024 * 1024
"""How much may wait; beyond that the patience of the oldest ends at once."""

FIRST_TRY = 200_000
"""How soon, in microseconds, an event is tried again; from then on after twice as long as it has waited already."""


class Item(Struct, gc=False):
    """A message on its way: what was read of it, the lane that it keeps its order in, and its patience.

    `first` is when it was first tried and `until` when its patience ends, in microseconds since 1970 UTC. `told` is
    the code under which it was written to the refused messages.
    """

    message: Message
    read: Request | Unreadable
    lane: str
    first: int
    until: int
    told: str = ""

    @property
    def place(self) -> tuple[int, int]:
        """Its partition and its offset."""
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
        """Let an item wait behind those of its lane, if there are any; tell whether there are."""
        lane = self._lanes.get(item.lane)
        if lane is not None:
            lane.items.append(item)
            self._count(item, 1)
        return lane is not None

    def keep(self, items: Iterable[Item], now: int, *, moved: Callable[[str], bool]) -> None:
        """Let items wait that were tried just now, in order; their lanes must be empty.

        A lane of which something was recorded has `moved`: it is due at once, for that may be what it waits for.
        """
        for lane, together in groupby(sorted(items, key=attrgetter("lane", "place")), key=attrgetter("lane")):
            found = list(together)
            due = now if moved(lane) else now + max(FIRST_TRY, 2 * (now - found[0].first))
            self._lanes[lane] = _Lane(found, min(due, found[0].until))
            for each in found:
                self._count(each, 1)

    def take_due(self, now: int) -> list[Item]:
        """Take out the lanes that are to be tried now, also because too much is waiting."""
        if self._items > self._most or self._bytes > self._most_bytes:
            self._crowd(now)
        return self._take([name for name, lane in self._lanes.items() if lane.due <= now])

    def drop(self, partition: int) -> None:
        """Forget what waits of a partition."""
        self._take(
            [name for name, lane in self._lanes.items() if lane.items[0].message.partition == partition]
        )

    def _crowd(self, now: int) -> None:
        """End the patience of the oldest, so many that the rest is within the bound."""
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
