"""The check of everything that is derived from the entries: the other columns and the tag rows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from events import entry
from events.entry import Stored, identity_key, parse
from events.order import late_at
from streams.proof.fsck.ports import EntryRow, Finding, LateTagRow, LogTables, TagRow, TagsOf

ROWS_PER_QUERY = 2000
"""Entries whose columns are derived at once; their tag rows, a few for each, are then looked up with one query."""

TAG_ROWS_PER_QUERY = 50_000
"""Tag rows that are counted with one query; only the count and the last row leave the database."""

_key = lru_cache(maxsize=65_536)(entry.key)


def check(tables: LogTables, tags_of: TagsOf, start: int, end: int) -> tuple[list[Finding], int]:
    """Derive the columns and tag rows of a range of entries again; return the findings, and how many tag rows there must be."""
    findings: list[Finding] = []
    count = 0
    for after in range(start, end, ROWS_PER_QUERY):
        wanted: list[LateTagRow] = []
        for row in tables.rows(after, min(after + ROWS_PER_QUERY, end)):
            found = _of_row(row, tags_of, wanted)
            place = f"position {row.position}"
            findings += [Finding("entries", column, place, sentence) for column, sentence in found]
        count += len(wanted)
        findings += [_of_tag(each, "the row is missing or wrong") for each in tables.absent(wanted)]
    return findings, count


def _of_row(row: EntryRow, tags_of: TagsOf, wanted: list[LateTagRow]) -> Iterator[tuple[str, str]]:
    """Yield the columns of a row that are wrong, each with a sentence; add the tag rows that it must have to `wanted`."""
    try:
        header = parse(row.entry)
        tags = tuple(dict.fromkeys(map(_key, tags_of(Stored(row.position, row.entry)))))
    except Exception as error:  # noqa: BLE001 - whatever an entry raises means that it cannot be decoded
        yield "entry", f"the entry cannot be decoded: {type(error).__name__}: {error}"
        return
    kind = _key(header.type)
    late = late_at(header.occurred_at, header.recorded_at)
    wanted += [(tag, kind, row.position, late) for tag in tags]
    columns = {
        "identity": (row.identity, identity_key(header.source, header.id)),
        "type": (row.type, kind),
        "source": (row.source, _key(header.source)),
        "tags": (row.tags, tags),
    }
    for column, (stored, derived) in columns.items():
        if stored != derived:
            yield column, "the value does not follow from the entry"


def check_tags(tables: LogTables, upto: int, count: int, *, complete: bool) -> list[Finding]:
    """Check that there are only the tag rows of entries; `complete` says that none of those is missing.

    In that case counting them is enough: strays are searched for only if the counts differ.
    """
    after, found = _FIRST, 0
    while True:
        walked, counted, after = tables.tag_rows(after, upto, TAG_ROWS_PER_QUERY)
        found += counted
        if walked < TAG_ROWS_PER_QUERY:
            break
    return [] if complete and found == count else _strays(tables)


def _strays(tables: LogTables) -> list[Finding]:
    findings: list[Finding] = []
    after = _FIRST
    while True:
        walked, _, last = tables.tag_rows(after, 0, TAG_ROWS_PER_QUERY)
        findings += [
            _of_tag(each, "no entry has this tag row")
            for each in tables.stray_tags(after, TAG_ROWS_PER_QUERY)
        ]
        if walked < TAG_ROWS_PER_QUERY:
            return findings
        after = last


_FIRST: TagRow = (-(2**63), -(2**63), -(2**63))
"""Where a walk through the tag rows starts: no row is before it."""


def _of_tag(row: TagRow, sentence: str) -> Finding:
    tag, kind, position = row
    return Finding("tags", "tag, type, position", f"tag {tag}, type {kind}, position {position}", sentence)
