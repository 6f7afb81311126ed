"""The tree against the published vectors of RFC 6962, against another's library, and against its own definition."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle.core import BaseMerkleTree

from streams.tree.merkle import Tile, Tree, consistency, inclusion, roots, split, tree_of
from streams.tree.verifier import (
    EMPTY_ROOT,
    Unproven,
    check_consistency,
    check_inclusion,
    leaf_hash,
    node_hash,
)

# Of Certificate Transparency, the reference implementation of RFC 6962: eight leaves, and the root after each.
LEAVES = [
    bytes.fromhex(each)
    for each in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSIONS = {
    (0, 8): "96a296d2 5f083f0a 6b47aaf2",
    (5, 8): "bc1a0643 ca854ea1 d37ee418",
    (2, 3): "fac54203",
    (1, 5): "6e340b9c 5f083f0a bc1a0643",
}
CONSISTENCIES = {
    (1, 1): "",
    (1, 8): "96a296d2 5f083f0a 6b47aaf2",
    (6, 8): "0ebc5d34 ca854ea1 d37ee418",
    (2, 5): "5f083f0a bc1a0643",
}
LARGEST = 1_000_000


class Kept:
    """A tree and its tiles, grown in batches."""

    def __init__(self) -> None:
        self.tree = Tree()
        self.levels: dict[int, bytearray] = {}

    def grow(self, leaves: Sequence[bytes]) -> None:
        after, levels = self.tree.grown(leaves)
        for level, first, hashes in self.tree.pieces(levels):
            before = self.levels.setdefault(level, bytearray())
            assert first == len(before) // 32
            assert first // 256 == (first + len(hashes) // 32 - 1) // 256
            before += hashes
        self.tree = after

    def tiles(self, wanted: Sequence[Tile]) -> list[bytes]:
        return [bytes(self.levels.get(level, b"")[at * 8192 : (at + 1) * 8192]) for level, at in wanted]

    def inclusion(self, index: int, size: int) -> list[bytes]:
        return roots(inclusion(index, size), self.tiles)

    def consistency(self, old: int, new: int) -> list[bytes]:
        return roots(consistency(old, new), self.tiles)

    def root(self, size: int) -> bytes:
        return tree_of(size, self.tiles).root


def by_definition(leaves: Sequence[bytes]) -> bytes:
    """The root as RFC 6962, section 2.1, defines it."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else EMPTY_ROOT
    at = largest_power_below(len(leaves))
    return node_hash(by_definition(leaves[:at]), by_definition(leaves[at:]))


def largest_power_below(number: int) -> int:
    return max(1 << n for n in range(number.bit_length()) if 1 << n < number)


def leaf(number: int) -> bytes:
    return leaf_hash(b"%d" % number)


@cache
def kept(size: int, seed: int = 0) -> Kept:
    """A tree of so many leaves, grown in batches of any size."""
    chance, found = random.Random(seed), Kept()
    while found.tree.size < size:
        start = found.tree.size
        found.grow([leaf(n) for n in range(start, min(start + int(10 ** chance.uniform(0, 4)), size))])
    return found


class Oracle(BaseMerkleTree):  # type: ignore[misc]  # it comes without types
    """Another's tree over the hashes of our leaves."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        super().__init__()
        self._leaves = leaves

    def _encode_entry(self, data: bytes) -> bytes:
        return data

    def _store_leaf(self, data: bytes, digest: bytes) -> int:
        raise NotImplementedError

    def _get_leaf(self, index: int) -> bytes:
        return self._leaves[index - 1]

    def _get_leaves(self, offset: int, width: int) -> Sequence[bytes]:
        return self._leaves[offset : offset + width]

    def _get_size(self) -> int:
        return len(self._leaves)

    def root(self, size: int) -> bytes:
        found: bytes = self.get_root(size)
        return found

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Its paths begin with the leaf, which RFC 6962 leaves out."""
        found: list[bytes] = self.prove_inclusion(index + 1, size).path
        return found[1:]

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Its paths are its own, so this is SUBPROOF of RFC 6962, section 2.1.2, over its roots."""
        return self._subproof(old, 0, new, known=True)

    def _subproof(self, old: int, start: int, end: int, *, known: bool) -> list[bytes]:
        if old == end:
            return [] if known else [self._get_root(start, end)]
        middle = start + largest_power_below(end - start)
        if old <= middle:
            return [*self._subproof(old, start, middle, known=known), self._get_root(middle, end)]
        return [*self._subproof(old, middle, end, known=False), self._get_root(start, middle)]


@cache
def million() -> tuple[Kept, Oracle]:
    ours = kept(LARGEST)
    return ours, Oracle(split(bytes(ours.levels[0])))


def short(path: Sequence[bytes]) -> str:
    return " ".join(each.hex()[:8] for each in path)


@pytest.mark.parametrize("size", range(9))
def test_published_roots(size: int) -> None:
    tree, _ = Tree().grown([leaf_hash(each) for each in LEAVES[:size]])
    assert tree.root.hex() == ROOTS[size]


def test_published_paths() -> None:
    ours = Kept()
    ours.grow([leaf_hash(each) for each in LEAVES])
    for (index, size), expected in INCLUSIONS.items():
        assert short(ours.inclusion(index, size)) == expected
    for (old, new), expected in CONSISTENCIES.items():
        assert short(ours.consistency(old, new)) == expected


def test_the_empty_tree() -> None:
    assert Tree().root == EMPTY_ROOT == bytes.fromhex(ROOTS[0])
    assert Tree().grown([]) == (Tree(), [])
    assert tree_of(0, Kept().tiles) == Tree()
    with pytest.raises(ValueError, match="a tree of 0 leaves has none with index 0"):
        inclusion(0, 0)


def test_nothing_leads_from_the_empty_tree() -> None:
    """The witness protocol has an empty proof there; RFC 6962 has none, and neither have we."""
    for old, new in ((0, 0), (0, 5), (6, 5)):
        with pytest.raises(ValueError, match=f"from a tree of {old} leaves to one of {new}"):
            consistency(old, new)
        with pytest.raises(Unproven, match=f"from a tree of {old} leaves to one of {new}"):
            check_consistency(old, EMPTY_ROOT, new, EMPTY_ROOT, [])


def test_all_sizes_to_a_thousand() -> None:
    leaves = [leaf(n) for n in range(1000)]
    theirs, one_by_one = Oracle(leaves), Kept()
    for size, new in enumerate(leaves, 1):
        one_by_one.grow([new])
        root = one_by_one.tree.root
        assert root == theirs.root(size) == by_definition(leaves[:size])
        assert tree_of(size, kept(LARGEST).tiles) == one_by_one.tree
        index, old = (size * 7919) % size, 1 + (size * 6007) % size
        for at in {0, index, size - 1}:
            path = one_by_one.inclusion(at, size)
            assert path == theirs.inclusion(at, size)
            check_inclusion(at, size, leaves[at], path, root)
        for before in {1, old, size}:
            path = one_by_one.consistency(before, size)
            assert path == theirs.consistency(before, size)
            check_consistency(before, theirs.root(before), size, root, path)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 21, 64])
def test_all_paths_of_small_trees_and_no_others(size: int) -> None:
    ours, leaves = kept(64), [leaf(n) for n in range(64)]
    for index in range(size):
        path = ours.inclusion(index, size)
        for other in range(size):
            claim = (other, size, leaves[index], path, ours.root(size))
            holds(check_inclusion, *claim, expected=other == index)
    for old in range(1, size + 1):
        path = ours.consistency(old, size)
        for other in range(1, size + 1):
            trees = (other, ours.root(other), size, ours.root(size))
            holds(check_consistency, *trees, path, expected=other == old)


def holds(check: Callable[..., None], *claim: object, expected: bool = False) -> None:
    if expected:
        check(*claim)
        return
    with pytest.raises(Unproven):
        check(*claim)


SIZES = st.integers(1, LARGEST)


@settings(deadline=None)
@given(SIZES, SIZES, st.data())
def test_random_sizes_to_a_million(one: int, other: int, data: st.DataObject) -> None:
    ours, theirs = million()
    old, new = sorted((one, other))
    index = data.draw(st.integers(0, new - 1))
    root = ours.root(new)
    assert root == theirs.root(new)
    path = ours.inclusion(index, new)
    assert path == theirs.inclusion(index, new)
    check_inclusion(index, new, leaf(index), path, root)
    steps = ours.consistency(old, new)
    assert steps == theirs.consistency(old, new)
    check_consistency(old, ours.root(old), new, root, steps)


@settings(deadline=None)
@given(st.lists(st.integers(0, 700), max_size=8))
def test_however_it_grows_the_tree_is_the_same(batches: list[int]) -> None:
    ours, total = Kept(), sum(batches)
    for count in batches:
        start = ours.tree.size
        ours.grow([leaf(n) for n in range(start, start + count)])
    assert ours.tree == tree_of(total, kept(LARGEST).tiles)
    assert {level: len(hashes) // 32 for level, hashes in ours.levels.items() if hashes} == {
        level: total >> 8 * level for level in range(3) if total >> 8 * level
    }


@settings(deadline=None)
@given(st.integers(1, 2000), st.data())
def test_a_changed_path_proves_nothing(size: int, data: st.DataObject) -> None:
    ours = kept(LARGEST)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    path, steps = ours.inclusion(index, size), ours.consistency(old, size)
    for changed in changes(path, data):
        holds(check_inclusion, index, size, leaf(index), changed, ours.root(size))
    for changed in changes(steps, data):
        holds(check_consistency, old, ours.root(old), size, ours.root(size), changed)


def changes(path: list[bytes], data: st.DataObject) -> list[list[bytes]]:
    """The path longer by one, shorter by one, and with one bit flipped."""
    found = [[*path, leaf(0)], [leaf(0), *path]]
    if path:
        at, bit = data.draw(st.integers(0, len(path) - 1)), data.draw(st.integers(0, 255))
        flipped = (int.from_bytes(path[at], "big") ^ 1 << bit).to_bytes(32, "big")
        found += [path[1:], path[:-1], [*path[:at], flipped, *path[at + 1 :]]]
    return found


def test_tiles_that_lack_hashes_are_told() -> None:
    with pytest.raises(ValueError, match="does not have all of tile 0/3 yet"):
        kept(1000).root(1001)
