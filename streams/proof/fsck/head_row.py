"""The check of the head row against the entries, their tree and the published checkpoints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from events.entry import parse
from streams.proof.fsck.ports import Finding, HeadRow, LogTables
from streams.tree.merkle import Tree


def size(head: HeadRow) -> int:
    """Return the size to verify: up to where both the head row and the entries go."""
    return max(0, min(head.position, head.last))


def check(tables: LogTables, head: HeadRow, peaks: tuple[bytes, ...]) -> Iterator[Finding]:
    """Check the head row against the last entry and the peaks of the entries' tree."""
    if head.last != head.position:
        yield _of_head("position", f"the last entry has position {head.last}")
    if head.last < head.position:
        sentence = f"this entry and all after it up to {head.position} are missing"
        yield Finding("entries", "position", f"position {head.last + 1}", sentence)
    if head.tree != Tree(size(head), peaks).stored:
        yield _of_head("tree", "the value is not the tree of the entries")
    last = tables.entries(head.position - 1, head.position) if 0 < head.position <= head.last else ()
    if (parse(last[0].entry).recorded_at if last else 0) != head.recorded_at:
        yield _of_head("recorded_at", "the value is not that of the last entry")


def check_id(id_: str, origins: Sequence[str]) -> Iterator[Finding]:
    """Check that some checkpoint has the log's id in its origin, if there are checkpoints."""
    if origins and not any(each.endswith(f"/{id_}") for each in origins):
        sentence = "no checkpoint has this id: it was changed, or the log was restored and not served since"
        yield _of_head("id", sentence)


def _of_head(column: str, sentence: str) -> Finding:
    return Finding("head", column, "the row", sentence)
