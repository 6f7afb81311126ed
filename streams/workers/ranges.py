"""Ranges of the log as one partition has them: joined from packed records, cut into batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from events.entry import Stored
from streams.bus.packed import Packed


class EntryRange(Struct, frozen=True):
    """All entries that a partition has in after < position <= upto."""

    after: int
    upto: int
    entries: list[Stored]


def joined(records: Sequence[Packed]) -> list[EntryRange]:
    """Join the records of one partition into ranges, one until there is a gap; drop what was delivered before."""
    ranges: list[EntryRange] = []
    for each in records:
        last = ranges[-1] if ranges else None
        if last is None or each.after > last.upto:
            ranges.append(EntryRange(each.after, each.upto, list(each.entries)))
        elif each.upto > last.upto:
            new = [entry for entry in each.entries if entry.position > last.upto]
            ranges[-1] = EntryRange(last.after, each.upto, last.entries + new)
    return ranges


def cut(whole: EntryRange, most: int) -> Iterator[EntryRange]:
    """Yield a range in parts of at most `most` entries."""
    after, entries = whole.after, whole.entries
    for start in range(0, len(entries) - most, most):
        part = entries[start : start + most]
        yield EntryRange(after, part[-1].position, part)
        after = part[-1].position
    yield EntryRange(after, whole.upto, [each for each in entries if each.position > after])
