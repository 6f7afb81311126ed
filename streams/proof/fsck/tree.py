"""The entries against the tree: a stretch at a time, each by itself, so that several processes can share the work."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from streams.proof.fsck.ports import Finding, Tables
from streams.tree.merkle import HEIGHT, WIDTH, Tree, split
from streams.tree.verifier import leaf_hash

STRETCH = WIDTH * WIDTH
"""So many leaves have one tile of level 1, and one hash at level 2."""
AT_ONCE = 4096

Hashes = list[bytes | None]
"""Side by side; None where one is missing."""


class Stretch(Struct, frozen=True):
    """Leaves from `start`, a multiple of `STRETCH`, up to, without, `end`; `sizes` are those that are asked for."""

    start: int
    end: int
    sizes: tuple[int, ...] = ()


class Grown(Struct):
    """What a stretch is: the peaks that it has at each size that was asked for and at its end, and what was found."""

    peaks: dict[int, list[bytes]]
    findings: list[Finding]


def check(tables: Tables, stretch: Stretch, head: Tree) -> Grown:
    """Hash the entries of a stretch and hold what the tree has of them; `head` is the tree of the head row.

    Where an entry and its leaf differ, the hash above them tells which of the two was changed; it goes on with the
    other, so that one change is one finding.
    """
    start, end = stretch.start, stretch.end
    findings: list[Finding] = []
    kept = _kept(tables, 0, start, end, findings)
    above = _kept(tables, 1, start >> HEIGHT, end >> HEIGHT, findings)
    leaves = _hashed(tables, stretch, kept, findings)
    for at in range(0, end - start, WIDTH):
        part = slice(at, at + WIDTH)
        if leaves[part] != kept[part]:
            expected = above[at >> HEIGHT] if at + WIDTH <= end - start else _open_root(head)
            leaves[part] = _resolved(start + at, leaves[part], kept[part], expected, findings)
    peaks, hashes = _grow(stretch, [each or b"" for each in leaves])
    findings += differing(1, start >> HEIGHT, hashes, above)
    return Grown(peaks, findings)


def _hashed(tables: Tables, stretch: Stretch, kept: Hashes, findings: list[Finding]) -> Hashes:
    """Hash the entries; for one that is missing, its leaf stands in."""
    found: Hashes = []
    for after in range(stretch.start, stretch.end, AT_ONCE):
        upto = min(after + AT_ONCE, stretch.end)
        entries = tables.entries(after, upto)
        if len(entries) == upto - after:
            found += [leaf_hash(each.entry) for each in entries]
            continue
        there = {each.position: leaf_hash(each.entry) for each in entries}
        for position in range(after + 1, upto + 1):
            if position not in there:
                row = f"position {position}"
                findings.append(Finding("entries", "position", row, "there is no such entry"))
            found.append(there.get(position, kept[position - 1 - stretch.start]))
    return found


def _kept(tables: Tables, level: int, first: int, end: int, findings: list[Finding]) -> Hashes:
    """Return the hashes that the tree has at a level in a range."""
    found: Hashes = [None] * (end - first)
    for piece in tables.pieces(level, first, end):
        hashes, at = split(piece.hashes), piece.first - first
        if any(found[at : at + len(hashes)]) or at + len(hashes) > len(found):
            findings.append(_of_tile(level, piece.first, "first", "the piece is in the place of another"))
        found[at : at + len(hashes)] = hashes
        del found[end - first :]
    for at, each in enumerate(found):
        if each is None and (at == 0 or found[at - 1] is not None):
            findings.append(_of_tile(level, first + at, "first", "there is no such hash"))
    return found


def _resolved(
    first: int, hashed: Hashes, kept: Hashes, expected: bytes | None, findings: list[Finding]
) -> Hashes:
    """Tell which leaves of a tile were changed, or their entries; return the leaves as they were."""
    changed = [at for at, each in enumerate(kept) if each is not None and each != hashed[at]]
    if _root(hashed) == expected:
        sentence = "the hash is not that of its entry"
        findings += [_of_tile(0, first + at, "hashes", sentence) for at in changed]
        return hashed
    sentence = "the entry is not the one that the tree has"
    findings += [Finding("entries", "entry", f"position {first + at + 1}", sentence) for at in changed]
    return [kept[at] or each for at, each in enumerate(hashed)]


def _grow(stretch: Stretch, leaves: Sequence[bytes]) -> tuple[dict[int, list[bytes]], list[bytes]]:
    """Return the peaks at each size, and the hashes at level 1."""
    tree, peaks, hashes = Tree(), dict[int, list[bytes]](), list[bytes]()
    for size in (*stretch.sizes, stretch.end):
        tree, levels = tree.grown(leaves[tree.size : size - stretch.start])
        peaks[size] = list(tree.peaks)
        hashes += levels[HEIGHT] if len(levels) > HEIGHT else []
    return peaks, hashes


def differing(level: int, first: int, hashes: Sequence[bytes], kept: Hashes) -> list[Finding]:
    """Tell which hashes of a level do not follow from those below."""
    return [
        _of_tile(level, first + at, "hashes", "the hash does not follow from those below it")
        for at, (each, own) in enumerate(zip(hashes, kept, strict=True))
        if own is not None and own != each
    ]


class Rest:
    """Puts stretches together, in order, to the whole tree: what is above them, and its root at each size."""

    def __init__(self, tables: Tables) -> None:
        self._tables, self._tree = tables, Tree()
        self._levels: list[list[bytes]] = []
        self.roots: dict[int, bytes] = {0: Tree().root}
        self.peaks: tuple[bytes, ...] = ()
        self.findings: list[Finding] = []

    def add(self, stretch: Stretch, peaks: dict[int, list[bytes]]) -> None:
        """Add the next stretch."""
        for size, own in peaks.items():
            self.peaks = (*self._tree.peaks, *own)
            self.roots[size] = Tree(size, self.peaks).root
        if stretch.end - stretch.start == STRETCH:
            self._tree, levels = self._tree.grown(peaks[stretch.end])
            for height, nodes in enumerate(levels):
                self._levels += [[]] if height == len(self._levels) else []
                self._levels[height] += nodes

    def check(self) -> None:
        """Hold what the tree has above the stretches, once all are added."""
        for level, hashes in enumerate(self._levels[::HEIGHT], 2):
            kept = _kept(self._tables, level, 0, len(hashes), self.findings)
            self.findings += differing(level, 0, hashes, kept)


def _root(hashes: Hashes) -> bytes | None:
    return None if None in hashes else Tree().grown([each or b"" for each in hashes])[0].root


def _open_root(head: Tree) -> bytes:
    """Return the root of the leaves in the last tile, which is not full."""
    count = (head.size % WIDTH).bit_count()
    return Tree(head.size % WIDTH, head.peaks[-count:]).root


def _of_tile(level: int, index: int, column: str, sentence: str) -> Finding:
    return Finding("tiles", column, f"level {level}, hash {index}", sentence)
