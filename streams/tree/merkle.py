"""The tree of RFC 6962 over the log: how it grows, and which of its hashes prove what. No I/O.

Leaf n is the entry at position n + 1. The node at height h, index i, covers the leaves from i * 2^h up to, but not
including, (i + 1) * 2^h. The nodes at heights 0, 8, 16, ... are stored, in tiles of 256 (c2sp.org/tlog-tiles); those
between are computed from them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple, TypeAlias

from msgspec import Struct

from streams.tree.verifier import EMPTY_ROOT, HASH_BYTES, node_hash

HEIGHT = 8
"""The height of a tile, in levels of the tree; c2sp.org/tlog-tiles prescribes it."""
WIDTH = 1 << HEIGHT
"""The width of a tile, in hashes."""

Span: TypeAlias = tuple[int, int]
"""The leaves from the first number up to, but not including, the second."""


class Tile(NamedTuple):
    """The address of a tile: its level, and its number in the level, both from 0."""

    level: int
    number: int


class Piece(NamedTuple):
    """Adjacent hashes of one tile: those at height 8 * `level` from index `first` on."""

    level: int
    first: int
    hashes: bytes


class Tree(Struct, frozen=True):
    """A tree as a compact range: `peaks` are the roots of its perfect subtrees, the largest first."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    @property
    def root(self) -> bytes:
        """The root hash of the whole tree."""
        return _folded(self.peaks)

    @property
    def stored(self) -> bytes:
        """The tree as bytes: its size in 8 bytes, then its peaks."""
        return b"".join((self.size.to_bytes(8, "big"), *self.peaks))

    @classmethod
    def of(cls, stored: bytes) -> Tree:
        """Return the tree from its stored bytes."""
        return cls(int.from_bytes(stored[:8], "big"), tuple(split(stored[8:])))

    def grown(self, leaves: Sequence[bytes]) -> tuple[Tree, list[list[bytes]]]:
        """Append leaves, given by their hashes; return the new tree and the nodes that it completes, by height."""
        left, right = list(self.peaks), list[bytes]()
        levels: list[list[bytes]] = []
        new = list(leaves)
        while new:
            nodes = [left.pop(), *new] if self.size >> len(levels) & 1 else new
            levels.append(new)
            new = list(map(node_hash, nodes[::2], nodes[1::2]))
            if len(nodes) % 2:
                right.append(nodes[-1])
        return Tree(self.size + len(leaves), (*left, *reversed(right))), levels

    def pieces(self, levels: Sequence[Sequence[bytes]]) -> Iterator[Piece]:
        """Yield the nodes completed by `grown` that are stored, split at the ends of tiles."""
        for level, nodes in enumerate(levels[::HEIGHT]):
            first = self.size >> HEIGHT * level
            end = first + len(nodes)
            for start in (first, *range((first // WIDTH + 1) * WIDTH, end, WIDTH)):
                stop = min((start // WIDTH + 1) * WIDTH, end)
                yield Piece(level, start, b"".join(nodes[start - first : stop - first]))


def inclusion(index: int, size: int) -> list[Span]:
    """Return the subtrees whose roots prove, from leaf to root, that a leaf is in a tree. Raises ValueError."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has none with index {index}")
    start, end, found = 0, size, list[Span]()
    while end - start > 1:
        middle = _middle(start, end)
        if index < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def consistency(old: int, new: int) -> list[Span]:
    """Return the subtrees whose roots prove that a tree begins with another, which has a leaf. Raises ValueError."""
    if not 0 < old <= new:
        raise ValueError(f"no proof leads from a tree of {old} leaves to one of {new}")
    start, end, found = 0, new, list[Span]()
    while old < end:
        middle = _middle(start, end)
        if old <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    if start:
        found.append((start, end))
    return found[::-1]


Tiles: TypeAlias = Callable[[Sequence[Tile]], Sequence[bytes]]
"""Returns the hashes of each tile, concatenated, as many as exist."""


def roots(spans: Sequence[Span], tiles: Tiles) -> list[bytes]:
    """Return the roots of subtrees from a few tiles, read at once. Raises ValueError if the tiles lack hashes."""
    nodes = [_perfect(*span) for span in spans]
    places = {place.tile: b"" for place in chain.from_iterable(nodes)}
    found = dict(zip(places, tiles(list(places)), strict=True))
    return [_folded([place.root(found) for place in each]) for each in nodes]


def tree_of(size: int, tiles: Tiles) -> Tree:
    """Return the tree of this size. Raises ValueError if the tiles lack hashes."""
    spans = [(place.start, place.end) for place in _perfect(0, size)]
    return Tree(size, tuple(roots(spans, tiles)))


def split(hashes: bytes) -> list[bytes]:
    """Split concatenated hashes."""
    return [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]


class _Place(NamedTuple):
    """A perfect subtree's place in a tile: its root is that of `width` hashes from `offset` on."""

    tile: Tile
    offset: int
    width: int

    @property
    def start(self) -> int:
        """The first leaf."""
        return (self.tile.number * WIDTH + self.offset) << HEIGHT * self.tile.level

    @property
    def end(self) -> int:
        """The leaf after the last one."""
        return self.start + (self.width << HEIGHT * self.tile.level)

    def root(self, tiles: Mapping[Tile, bytes]) -> bytes:
        """Return the subtree's root."""
        end = (self.offset + self.width) * HASH_BYTES
        hashes = tiles[self.tile][self.offset * HASH_BYTES : end]
        if len(hashes) != self.width * HASH_BYTES:
            raise ValueError(f"the tree does not have all of tile {self.tile.level}/{self.tile.number} yet")
        nodes = split(hashes)
        while len(nodes) > 1:
            nodes = list(map(node_hash, nodes[::2], nodes[1::2]))
        return nodes[0]


def _perfect(start: int, end: int) -> list[_Place]:
    """Return the perfect subtrees that make up a subtree, the largest first."""
    found = []
    for height in reversed(range((end - start).bit_length())):
        if (end - start) >> height & 1:
            level, rest = divmod(height, HEIGHT)
            number, offset = divmod(start >> HEIGHT * level, WIDTH)
            found.append(_Place(Tile(level, number), offset, 1 << rest))
            start += 1 << height
    return found


def _middle(start: int, end: int) -> int:
    """Return where a subtree splits: after the largest power of two below its size."""
    return start + (1 << (end - start - 1).bit_length() - 1)


def _folded(peaks: Sequence[bytes]) -> bytes:
    if not peaks:
        return EMPTY_ROOT
    *rest, found = peaks
    for each in reversed(rest):
        found = node_hash(each, found)
    return found
