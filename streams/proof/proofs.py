"""Proofs, made of a few tiles of the tree: that an entry is in the log, and that the log has only grown."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from itertools import chain, islice

from events.entry import Stored
from streams.ports import Log
from streams.tree import merkle
from streams.tree.merkle import tree_of
from streams.tree.verifier import PROOF, Checkpoint, Note

AT_ONCE = 100
"""So many leaves are proved with the tiles that one query reads."""


class Proofs:
    """Makes proofs. Sizes are at most the log's; those beyond it, or that no proof is of, raise ValueError."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def root(self, size: int) -> bytes:
        """Return the root that the tree had at a size."""
        return tree_of(size, self._log.tiles).root

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Return the path that proves that a leaf is in the tree of a size."""
        (path,) = self.inclusions([index], size)
        return path

    def inclusions(self, indexes: Sequence[int], size: int) -> list[list[bytes]]:
        """Return the paths of several leaves, whose tiles are read at once."""
        spans = [merkle.inclusion(each, size) for each in indexes]
        hashes = iter(merkle.roots(list(chain.from_iterable(spans)), self._log.tiles))
        return [list(islice(hashes, len(each))) for each in spans]

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Return the path that proves that the tree of a size begins with that of another, which has a leaf."""
        return merkle.roots(merkle.consistency(old, new), self._log.tiles)

    def receipts(self, stored: Sequence[Stored], note: str) -> list[str]:
        """Return receipts of entries, which they have with them, under a checkpoint that covers them all."""
        size = Checkpoint.read(Note.read(note).text).size
        found: list[str] = []
        for start in range(0, len(stored), AT_ONCE):
            part = stored[start : start + AT_ONCE]
            paths = self.inclusions([each.position - 1 for each in part], size)
            found += [_receipt(each, path, note) for each, path in zip(part, paths, strict=True)]
        return found


def _receipt(stored: Stored, path: list[bytes], note: str) -> str:
    extra = b64encode(stored.entry).decode()
    return f"{PROOF}\nextra {extra}\nindex {stored.position - 1}\n{base64_lines(path)}\n{note}"


def base64_lines(hashes: list[bytes]) -> str:
    """Write hashes, each on a line."""
    return "".join(f"{b64encode(each).decode()}\n" for each in hashes)
