"""The check of the entries against the tree: by segments that are independent, so that processes can share the work."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from streams.proof.fsck.ports import Finding, LogTables
from streams.tree.merkle import HEIGHT, WIDTH, Tree, split
from streams.tree.verifier import leaf_hash

SEGMENT_LEAVES = WIDTH * WIDTH
"""Leaves in a segment: 65,536, which make up exactly one tile of level 1 and one hash of level 2."""

ENTRIES_PER_QUERY = 4096
"""Entries that are read and hashed at once: 16 tiles of leaves, a megabyte or two."""

Hashes = list[bytes | None]
"""Adjacent hashes of one level; None if one is missing."""


class Segment(Struct, frozen=True):
    """The leaves from `start`, a multiple of `SEGMENT_LEAVES`, up to, but not including, `end`.

    `sizes` are those within it at which the log's root is wanted.
    """

    start: int
    end: int
    sizes: tuple[int, ...] = ()


class SegmentResult(Struct):
    """The result for a segment: its peaks at each wanted size and at its end, and the findings."""

    peaks: dict[int, list[bytes]]
    findings: list[Finding]


def check(tables: LogTables, segment: Segment, head: Tree) -> SegmentResult:
    """Hash the entries of a segment and compare them with the tree; `head` is the tree of the head row.

    If an entry and its leaf differ, the hash above them shows which of the two was changed; the check goes on with the
    other, so that one change is one finding.
    """
    start, end = segment.start, segment.end
    findings: list[Finding] = []
    stored = _stored(tables, 0, start, end, findings)
    above = _stored(tables, 1, start >> HEIGHT, end >> HEIGHT, findings)
    leaves = _hashed(tables, segment, stored, findings)
    for at in range(0, end - start, WIDTH):
        part = slice(at, at + WIDTH)
        if leaves[part] != stored[part]:
            expected = above[at >> HEIGHT] if at + WIDTH <= end - start else _last_tile_root(head)
            leaves[part] = _resolved(start + at, leaves[part], stored[part], expected, findings)
    peaks, hashes = _grow(segment, [each or b"" for each in leaves])
    findings += differing(1, start >> HEIGHT, hashes, above)
    return SegmentResult(peaks, findings)


def _hashed(tables: LogTables, segment: Segment, stored: Hashes, findings: list[Finding]) -> Hashes:
    """Hash the entries; a missing one is replaced by its leaf."""
    found: Hashes = []
    for after in range(segment.start, segment.end, ENTRIES_PER_QUERY):
        upto = min(after + ENTRIES_PER_QUERY, segment.end)
        entries = tables.entries(after, upto)
        if len(entries) == upto - after:
            found += [leaf_hash(each.entry) for each in entries]
            continue
        there = {each.position: leaf_hash(each.entry) for each in entries}
        for position in range(after + 1, upto + 1):
            if position not in there:
                row = f"position {position}"
                findings.append(Finding("entries", "position", row, "the entry is missing"))
            found.append(there.get(position, stored[position - 1 - segment.start]))
    return found


def _stored(tables: LogTables, level: int, first: int, end: int, findings: list[Finding]) -> Hashes:
    """Return the hashes that the tree has in a range of a level."""
    found: Hashes = [None] * (end - first)
    for piece in tables.pieces(level, first, end):
        hashes, at = split(piece.hashes), piece.first - first
        if any(found[at : at + len(hashes)]) or at + len(hashes) > len(found):
            findings.append(_of_tile(level, piece.first, "first", "the piece is in another's place"))
        found[at : at + len(hashes)] = hashes
        del found[end - first :]
    for at, each in enumerate(found):
        if each is None and (at == 0 or found[at - 1] is not None):
            findings.append(_of_tile(level, first + at, "first", "the hash is missing"))
    return found


def _resolved(
    first: int, hashed: Hashes, stored: Hashes, expected: bytes | None, findings: list[Finding]
) -> Hashes:
    """Find out if the leaves of a tile were changed or their entries; return the leaves as they were."""
    changed = [at for at, each in enumerate(stored) if each is not None and each != hashed[at]]
    if _root(hashed) == expected:
        sentence = "the hash is not that of its entry"
        findings += [_of_tile(0, first + at, "hashes", sentence) for at in changed]
        return hashed
    sentence = "the entry is not the one that the tree has"
    findings += [Finding("entries", "entry", f"position {first + at + 1}", sentence) for at in changed]
    return [stored[at] or each for at, each in enumerate(hashed)]


def _grow(segment: Segment, leaves: Sequence[bytes]) -> tuple[dict[int, list[bytes]], list[bytes]]:
    """Return the peaks at each size, and the hashes at level 1."""
    tree, peaks, hashes = Tree(), dict[int, list[bytes]](), list[bytes]()
    for size in (*segment.sizes, segment.end):
        tree, levels = tree.grown(leaves[tree.size : size - segment.start])
        peaks[size] = list(tree.peaks)
        hashes += levels[HEIGHT] if len(levels) > HEIGHT else []
    return peaks, hashes


def differing(level: int, first: int, hashes: Sequence[bytes], stored: Hashes) -> list[Finding]:
    """Return a finding for each hash of a level that does not follow from those below it."""
    return [
        _of_tile(level, first + at, "hashes", "the hash does not follow from those below it")
        for at, (each, own) in enumerate(zip(hashes, stored, strict=True))
        if own is not None and own != each
    ]


class TreeAssembly:
    """Assembles segments, in order, into the whole tree: its root at each size, and the levels above the segments."""

    def __init__(self, tables: LogTables) -> None:
        self._tables, self._tree = tables, Tree()
        self._levels: list[list[bytes]] = []
        self.roots: dict[int, bytes] = {0: Tree().root}
        self.peaks: tuple[bytes, ...] = ()
        self.findings: list[Finding] = []

    def add(self, segment: Segment, peaks: dict[int, list[bytes]]) -> None:
        """Add the next segment."""
        for size, own in peaks.items():
            self.peaks = (*self._tree.peaks, *own)
            self.roots[size] = Tree(size, self.peaks).root
        if segment.end - segment.start == SEGMENT_LEAVES:
            self._tree, levels = self._tree.grown(peaks[segment.end])
            for height, nodes in enumerate(levels):
                self._levels += [[]] if height == len(self._levels) else []
                self._levels[height] += nodes

    def check(self) -> None:
        """Check what the tree has above the segments; call it once all are added."""
        for level, hashes in enumerate(self._levels[::HEIGHT], 2):
            stored = _stored(self._tables, level, 0, len(hashes), self.findings)
            self.findings += differing(level, 0, hashes, stored)


def _root(hashes: Hashes) -> bytes | None:
    return None if None in hashes else Tree().grown([each or b"" for each in hashes])[0].root


def _last_tile_root(head: Tree) -> bytes:
    """Return the root of the leaves in the last tile, which is incomplete."""
    count = (head.size % WIDTH).bit_count()
    return Tree(head.size % WIDTH, head.peaks[-count:]).root


def _of_tile(level: int, index: int, column: str, sentence: str) -> Finding:
    return Finding("tiles", column, f"level {level}, hash {index}", sentence)
