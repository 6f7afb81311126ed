"""The log's tables as they are stored, for fsck."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.postgres.connections import ReadPool
from events.entry import Stored
from streams.proof.fsck.ports import EntryRow, Finding, HeadRow, LateTagRow, PublishedCheckpoint, TagRow
from streams.tree.merkle import Piece

_HEAD = """
SELECT id::text, position, recorded_at, tree, coalesce((SELECT max(position) FROM log.entries), 0) FROM log.head
"""
_ENTRIES = """
SELECT position, entry FROM log.entries WHERE position > %(after)s AND position <= %(upto)s ORDER BY position
"""
_ROWS = """
SELECT position, uuid_send(identity), type, source, tags, entry FROM log.entries
WHERE position > %(after)s AND position <= %(upto)s ORDER BY position
"""
_PIECES = """
SELECT level, first, hashes FROM log.tiles
WHERE level = %(level)s AND first >= %(first)s AND first < %(end)s ORDER BY first
"""
_CHECKPOINTS = "SELECT origin, size, note FROM log.checkpoints ORDER BY size, origin"
_ABSENT = """
SELECT tag, type, position
FROM unnest(%(tags)s::bigint[], %(types)s::bigint[], %(positions)s::bigint[], %(late)s::bigint[])
    AS wanted (tag, type, position, late_at)
WHERE NOT EXISTS (
    SELECT FROM log.tags AS t WHERE (t.tag, t.type, t.position) = (wanted.tag, wanted.type, wanted.position)
        AND t.late_at IS NOT DISTINCT FROM wanted.late_at
)
"""
_WALK = """
WITH walk AS (
    SELECT tag, type, position FROM log.tags
    WHERE (tag, type, position) > (%(tag)s, %(type)s, %(position)s) ORDER BY tag, type, position LIMIT %(limit)s
)
"""
_TAG_ROWS = """
SELECT count(*) OVER (), count(*) FILTER (WHERE position <= %(upto)s) OVER (), tag, type, position
FROM walk ORDER BY tag DESC, type DESC, position DESC LIMIT 1
"""
_STRAY_TAGS = """
SELECT tag, type, position FROM walk AS w WHERE NOT EXISTS (
    SELECT FROM log.entries AS e WHERE e.position = w.position AND e.type = w.type AND w.tag = ANY(e.tags)
)
"""
_STRAY_ENTRIES = "SELECT position FROM log.entries WHERE position < 1 ORDER BY position LIMIT 1000"
# A tree has at most 2^56 leaves here, so no level beyond 6; pieces at a level end where its hashes do.
_STRAY_PIECES = """
SELECT level, first, hashes FROM log.tiles, log.head
WHERE level < 0 OR level > 6 OR first < 0 OR length(hashes) %% 32 <> 0
    OR first > (position >> (8 * level)) - length(hashes) / 32
ORDER BY level, first LIMIT 1000
"""


class PostgresTables:
    """The port `LogTables` over PostgreSQL. One thread uses it."""

    def __init__(self, url: str) -> None:
        self._readers = ReadPool(url, 1)

    def close(self) -> None:
        """Close the connection."""
        self._readers.close()

    def head(self) -> HeadRow:
        """Return the head row."""
        (head,) = self._readers.fetch(HeadRow, _HEAD)
        return head

    def entries(self, after: int, upto: int) -> Sequence[Stored]:
        """Return entries, in order."""
        return self._readers.fetch(Stored, _ENTRIES, after=after, upto=upto)

    def rows(self, after: int, upto: int) -> Sequence[EntryRow]:
        """Return entries with their derived columns, in order."""
        return self._readers.fetch(_row, _ROWS, after=after, upto=upto)

    def pieces(self, level: int, first: int, end: int) -> Sequence[Piece]:
        """Return the pieces of a level of the tree with first <= index < end, in order."""
        return self._readers.fetch(Piece, _PIECES, level=level, first=first, end=end)

    def checkpoints(self) -> Sequence[PublishedCheckpoint]:
        """Return the published checkpoints, by size."""
        return self._readers.fetch(PublishedCheckpoint, _CHECKPOINTS)

    def absent(self, wanted: Sequence[LateTagRow]) -> Sequence[TagRow]:
        """Return those of the tag rows that are missing, or not so."""
        tag, kind, position, late = (
            (list(each) for each in zip(*wanted, strict=True)) if wanted else ([], [], [], [])
        )
        return self._readers.fetch(_tag_row, _ABSENT, tags=tag, types=kind, positions=position, late=late)

    def tag_rows(self, after: TagRow, upto: int, limit: int) -> tuple[int, int, TagRow]:
        """Walk on through the tag rows; return how many were walked, how many of them up to a position, and the last."""
        tag, kind, position = after
        query = _WALK + _TAG_ROWS
        found = self._readers.fetch(
            _walked, query, tag=tag, type=kind, position=position, limit=limit, upto=upto
        )
        return found[0] if found else (0, 0, after)

    def stray_tags(self, after: TagRow, limit: int) -> Sequence[TagRow]:
        """Return those of the next `limit` tag rows that belong to no entry."""
        tag, kind, position = after
        query = _WALK + _STRAY_TAGS
        return self._readers.fetch(_tag_row, query, tag=tag, type=kind, position=position, limit=limit)

    def strays(self) -> Sequence[Finding]:
        """Return the rows of entries and tiles at places that the log does not have."""
        entries, pieces = self._readers.fetch(int, _STRAY_ENTRIES), self._readers.fetch(Piece, _STRAY_PIECES)
        sentence = "the log has no such place"
        return [
            *(Finding("entries", "position", f"position {each}", sentence) for each in entries),
            *(
                Finding("tiles", "level, first", f"level {each.level}, hash {each.first}", sentence)
                for each in pieces
            ),
        ]


def _row(position: int, identity: bytes, kind: int, source: int, tag: list[int], entry: bytes) -> EntryRow:  # noqa: PLR0917 - one for each column
    return EntryRow(position, identity, kind, source, tuple(tag), entry)


def _tag_row(tag: int, kind: int, position: int) -> TagRow:
    return tag, kind, position


def _walked(walked: int, counted: int, tag: int, kind: int, position: int) -> tuple[int, int, TagRow]:
    return walked, counted, (tag, kind, position)
