"""Proofs from a few tiles of the tree: that an entry is in the log, and that the log has only grown."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from itertools import chain, islice

from events.entry import Stored
from streams.ports import Log
from streams.tree import merkle
from streams.tree.merkle import tree_of
from streams.tree.verifier import PROOF, Checkpoint, Note

RECEIPTS_PER_QUERY = 100
"""Receipts whose tiles are read with one query: with three tiles of 8 KiB each, some 2 MiB at most."""


class Proofs:
    """Makes proofs. A size beyond the log's, or one that has no proof, raises ValueError."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def root(self, size: int) -> bytes:
        """Return the root that the tree had at this size."""
        return tree_of(size, self._log.tiles).root

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Return the path that proves that a leaf is in the tree of this size."""
        (path,) = self.inclusions([index], size)
        return path

    def inclusions(self, indexes: Sequence[int], size: int) -> list[list[bytes]]:
        """Return the paths of several leaves; their tiles are read with one query."""
        spans = [merkle.inclusion(each, size) for each in indexes]
        hashes = iter(merkle.roots(list(chain.from_iterable(spans)), self._log.tiles))
        return [list(islice(hashes, len(each))) for each in spans]

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Return the path that proves that the tree of size `new` begins with that of size `old`, which is at least 1."""
        return merkle.roots(merkle.consistency(old, new), self._log.tiles)

    def receipts(self, stored: Sequence[Stored], note: str) -> list[str]:
        """Return receipts that include their entries; `note` is a checkpoint that covers all of them."""
        size = Checkpoint.read(Note.read(note).text).size
        found: list[str] = []
        for start in range(0, len(stored), RECEIPTS_PER_QUERY):
            part = stored[start : start + RECEIPTS_PER_QUERY]
            paths = self.inclusions([each.position - 1 for each in part], size)
            found += [_receipt(each, path, note) for each, path in zip(part, paths, strict=True)]
        return found


def _receipt(stored: Stored, path: list[bytes], note: str) -> str:
    extra = b64encode(stored.entry).decode()
    return f"{PROOF}\nextra {extra}\nindex {stored.position - 1}\n{base64_lines(path)}\n{note}"


def base64_lines(hashes: list[bytes]) -> str:
    """Return the hashes in Base64, one on each line."""
    return "".join(f"{b64encode(each).decode()}\n" for each in hashes)
