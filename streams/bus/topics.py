"""The topics of the message bus, declared once: names, partitions, retention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zlib import crc32

from msgspec import Struct

from events.catalogue import kinds as tag_kinds
from projections.catalogue import READ_MODELS

EVENTS, INBOX, REFUSED, RELAYED, BY_KIND = "events", "inbox", "refused", "relayed", "by-"

PREFIX = "pujiang"
"""The beginning of each name. A restored log gets another one, so that it is not taken for the log before it."""

DAY_MS = 24 * 3_600_000
FOR_EVER = -1


class Topic(Struct, frozen=True):
    """A topic as it is declared. Its partitions never change: rows would move to another worker."""

    name: str
    partitions: int
    retention_ms: int
    compacted: bool = False


def topics(prefix: str = PREFIX) -> Sequence[Topic]:
    """Return all topics: for subscribers, from publishers, of the relay, and for workers by kind of tag."""
    return (
        Topic(f"{prefix}.{EVENTS}", 12, 30 * DAY_MS),
        Topic(f"{prefix}.{INBOX}", 6, 7 * DAY_MS),
        Topic(f"{prefix}.{REFUSED}", 1, 30 * DAY_MS),
        Topic(f"{prefix}.{RELAYED}", 1, FOR_EVER, compacted=True),
        *(Topic(by_kind(kind, prefix), count, 7 * DAY_MS) for kind, count in kinds().items()),
    )


def kinds() -> Mapping[str, int]:
    """Return the kinds of tags that rows are keyed by, each with the number of partitions of its packed topic."""
    return {kind: partitions(kind) for kind in sorted({each.fold.tag for each in READ_MODELS})}


def by_kind(kind: str, prefix: str = PREFIX) -> str:
    """Return the name of the packed topic of a kind of tag."""
    return f"{prefix}.{BY_KIND}{kind}"


def partitions(kind: str) -> int:
    """Return how many partitions the packed topic of a tag kind has."""
    return tag_kinds()[kind].partitions


def partition_of(value: str, of: int) -> int:
    """Return the partition that rows of a tag's value belong to."""
    return crc32(value.encode()) % of
