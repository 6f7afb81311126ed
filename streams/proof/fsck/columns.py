"""What is derived from the entries against the entries: the other columns, and the tag rows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from events import entry
from events.entry import Stored, identity_key, parse
from streams.proof.fsck.ports import Finding, Row, Tables, TagRow, TagsOf

AT_ONCE = 2000
WALK = 50_000

_key = lru_cache(maxsize=65_536)(entry.key)


def check(tables: Tables, tags_of: TagsOf, start: int, end: int) -> tuple[list[Finding], int]:
    """Derive the columns and tag rows of a stretch of entries again; return what differs, and how many tags there are."""
    findings: list[Finding] = []
    count = 0
    for after in range(start, end, AT_ONCE):
        wanted: list[TagRow] = []
        for row in tables.rows(after, min(after + AT_ONCE, end)):
            found = _of_row(row, tags_of, wanted)
            place = f"position {row.position}"
            findings += [Finding("entries", column, place, sentence) for column, sentence in found]
        count += len(wanted)
        findings += [_of_tag(each, "there is no such row") for each in tables.absent(wanted)]
    return findings, count


def _of_row(row: Row, tags_of: TagsOf, wanted: list[TagRow]) -> Iterator[tuple[str, str]]:
    """Tell which columns of a row differ; add the tag rows that it must have."""
    try:
        header = parse(row.entry)
        tags = tuple(dict.fromkeys(map(_key, tags_of(Stored(row.position, row.entry)))))
    except Exception as error:  # noqa: BLE001 - whatever an entry raises means that it cannot be read
        yield "entry", f"it cannot be read: {type(error).__name__}: {error}"
        return
    kind = _key(header.type)
    wanted += [(tag, kind, row.position) for tag in tags]
    derived = {
        "identity": (row.identity, identity_key(header.source, header.id)),
        "type": (row.type, kind),
        "source": (row.source, _key(header.source)),
        "tags": (row.tags, tags),
    }
    for column, (stored, own) in derived.items():
        if stored != own:
            yield column, "it does not follow from the entry"


def check_tags(tables: Tables, upto: int, count: int, *, complete: bool) -> list[Finding]:
    """Hold that there are no more tag rows than entries have; `complete` tells that none of those is missing."""
    after, found = _FIRST, 0
    while True:
        walked, counted, after = tables.tag_rows(after, upto, WALK)
        found += counted
        if walked < WALK:
            break
    return [] if complete and found == count else _strays(tables)


def _strays(tables: Tables) -> list[Finding]:
    findings: list[Finding] = []
    after = _FIRST
    while True:
        walked, _, last = tables.tag_rows(after, 0, WALK)
        findings += [_of_tag(each, "no entry has this tag") for each in tables.stray_tags(after, WALK)]
        if walked < WALK:
            return findings
        after = last


_FIRST: TagRow = (-(2**63), -(2**63), -(2**63))


def _of_tag(row: TagRow, sentence: str) -> Finding:
    tag, kind, position = row
    return Finding("tags", "tag, type, position", f"tag {tag}, type {kind}, position {position}", sentence)
