"""A long history in the order of what occurred, read in slices: for tags whose life does not fit into the memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import heappop, heappush, merge

from events.entry import Stored, key, parse
from events.event import Event
from events.order import MOST_BEHIND, NEVER, late_at, moment
from events.rewriting import rewrites
from streams.history.decoding import Decoded, decode
from streams.history.histories import type_keys
from streams.ports import Codec, History, Log, Selection

SLICE = 5000
"""Entries read at once: a statement of its own for each slice, so that none holds back the clean-up of the tables."""


def knowledge(
    log: Log, codec: Codec, tags: Sequence[str], types: tuple[type[Event], ...], upto: int
) -> list[Decoded]:
    """Return the events of these types that rewrite the histories of some tags: they are few, and count in no order."""
    wanted = type_keys(tuple(each for each in types if rewrites(each)))
    return list(decode(codec, log.histories([History(key(tag), wanted) for tag in tags], upto)))


def streamed(
    log: Log, codec: Codec, tags: Sequence[str], types: tuple[type[Event], ...], upto: int
) -> Iterator[Decoded]:
    """Yield the events of some tags up to a position in the order of what occurred, each once.

    Events on time come at most a day after they occurred, so the heap that sorts them holds a day of the log. The
    others have an index of their own, in that order.
    """
    wanted = type_keys(types)
    sources = [_on_time(log, codec, key(tag), wanted, upto) for tag in tags]
    sources += [_late(log, codec, key(tag), wanted, upto) for tag in tags]
    last = None
    for item in merge(*sources, key=moment):
        if item.position != last:
            yield item
        last = item.position


def _on_time(log: Log, codec: Codec, tag: int, types: tuple[int, ...], upto: int) -> Iterator[Decoded]:
    heap: list[tuple[int, int, Decoded]] = []
    after = 0
    while stored := log.select(Selection(tags=(tag,), types=types, after=after, upto=upto, limit=SLICE)):
        after = stored[-1].position
        kept, recorded = _only_on_time(stored)
        for each in decode(codec, kept):
            heappush(heap, (each.occurred_at, each.position, each))
        while heap and heap[0][0] < recorded - MOST_BEHIND:
            yield heappop(heap)[2]
    while heap:
        yield heappop(heap)[2]


def _only_on_time(stored: Sequence[Stored]) -> tuple[list[Stored], int]:
    """Return the entries that were on time, and when the last of all was recorded."""
    kept, recorded = list[Stored](), 0
    for each in stored:
        try:
            header = parse(each.entry)
        except ValueError:
            kept.append(each)
            continue
        recorded = header.recorded_at
        if late_at(header.occurred_at, header.recorded_at) is None:
            kept.append(each)
    return kept, recorded


def _late(log: Log, codec: Codec, tag: int, types: tuple[int, ...], upto: int) -> Iterator[Decoded]:
    after = NEVER, 0
    while found := log.late(History(tag, types), after, upto, SLICE):
        time, stored = found[-1]
        after = time, stored.position
        yield from decode(codec, [each for _, each in found])
