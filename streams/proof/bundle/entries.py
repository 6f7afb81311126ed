"""The check of a bundle's entries against the checkpoint, and of the files that follow from the entries."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from streams.proof.bundle import avro
from streams.proof.bundle.container import BrokenBundle, BundleFile
from streams.proof.bundle.contracts import StatedContract, stated_contracts
from streams.proof.bundle.history import BundleContract, history_entry
from streams.proof.bundle.manifest import ENTRIES, HISTORY, LEAVES, MANIFEST, PROOF, container_file
from streams.proof.bundle.report import BundleReport
from streams.tree.verifier import HASH_BYTES, Checkpoint, Unproven, leaf_hash, node_hash

OnProgress: TypeAlias = Callable[[int, int], None]
"""Called with the number of entries that are checked, and the total."""

PROGRESS_ENTRIES = 1000
"""Entries between two calls of `OnProgress`: several a second."""


class _ContainerCheck:
    """Compares the container that a contract's entries must make with the one that the bundle has."""

    def __init__(self, file: BundleFile, contract: BundleContract, report: BundleReport) -> None:
        self._file, self._report = file, report
        self._marker = avro.sync(contract.container)
        self._open: list[tuple[int, bytes]] = []
        header = avro.header(contract.container)
        if file.take(min(len(header), file.left)) != header:
            report.add(file.name, "its header is not that of a container of its contract")

    def add(self, position: int, record: bytes) -> None:
        """Add the next entry's record."""
        self._open.append((position, record))
        if len(self._open) == avro.BLOCK_RECORDS:
            self.flush()

    def flush(self) -> None:
        """Check the block of the records that were added."""
        if not self._open:
            return
        wanted = avro.block([record for _, record in self._open], self._marker)
        block = self._file.take(min(len(wanted), self._file.left))
        if block != wanted:
            sentence = "the record is not that of the entry, or one after it is not"
            self._report.add(self._file.name, sentence, self._position(block, wanted))
        self._open.clear()

    def _position(self, block: bytes, wanted: bytes) -> int:
        """Return the position of the first record that differs."""
        same = next((at for at, each in enumerate(block) if each != wanted[at]), len(block))
        end = len(wanted) - len(self._marker) - sum(len(record) for _, record in self._open)
        for position, record in self._open:
            end += len(record)
            if same < end:
                return position
        return self._open[-1][0]


class EntriesCheck:
    """Reads the entries once, in order, and builds the tree over them.

    The proof has the hash of each largest subtree without any of these entries, from left to right. The tree is built
    twice, from the entries and from the written leaves, to find out which of the two was changed.
    """

    def __init__(
        self,
        files: dict[str, BundleFile],
        contracts: dict[int, BundleContract],
        report: BundleReport,
        progress: OnProgress,
    ) -> None:
        self._entries, self._leaves, self._proof = files[ENTRIES], files[LEAVES], files[PROOF]
        self._history, self._contracts = files[HISTORY], contracts
        for each in (self._entries, self._leaves, self._proof, self._history):
            each.rewind()
        self._containers = {
            each.name: _ContainerCheck(files[container_file(each.name)], each, report)
            for each in contracts.values()
        }
        self._container_files = [files[container_file(each.name)] for each in contracts.values()]
        self._report, self._progress = report, progress
        self._last, self._changed, self._stated = 0, list[int](), list[StatedContract]()
        self._next: tuple[int, bytes] | None = None

    def run(self, checkpoint: Checkpoint) -> list[StatedContract]:
        """Check all files that follow from the entries; return the contracts that entries among them state.

        Raises BrokenBundle if a file ends early or is out of order.
        """
        self._next = self._read(checkpoint.size)
        if self._next is None:
            raise BrokenBundle(ENTRIES, "there are no entries")
        of_entries, of_leaves = self._root(0, checkpoint.size, checkpoint.size)
        self._compare(checkpoint, of_entries, of_leaves)
        for each in self._containers.values():
            each.flush()
        for file in (self._leaves, self._proof, self._history, *self._container_files):
            if file.left:
                self._report.add(file.name, "it goes on after the part of the last entry")
        manifest = self._report.manifest
        if manifest and manifest.entries != self._report.entries:
            self._report.add(MANIFEST, f"there are {self._report.entries} entries")
        return self._stated

    def _compare(self, checkpoint: Checkpoint, of_entries: bytes, of_leaves: bytes) -> None:
        """Compare both roots with the signed one; report which entries or leaves were changed."""
        if of_entries == checkpoint.root:
            for position in self._changed:
                self._report.add(LEAVES, "it is not the hash of the entry", position)
        elif of_leaves == checkpoint.root:
            for position in self._changed:
                self._report.add(ENTRIES, "it is not the entry that the log has", position)
        else:
            sentence = f"with it the entries do not make the signed tree of {checkpoint.size} leaves"
            self._report.add(PROOF, sentence)

    def _root(self, start: int, end: int, size: int) -> tuple[bytes, bytes]:
        """Return the hash of a subtree, computed from the entries and from the written leaves."""
        if self._next is None or self._next[0] > end:
            one = self._proof.take(HASH_BYTES)
            return one, one
        if end - start == 1:
            return self._leaf(*self._next, size)
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        left, right = self._root(start, middle, size), self._root(middle, end, size)
        return node_hash(left[0], right[0]), node_hash(left[1], right[1])

    def _leaf(self, position: int, entry: bytes, size: int) -> tuple[bytes, bytes]:
        leaf, written = leaf_hash(entry), self._leaves.take(HASH_BYTES)
        if leaf != written:
            self._changed.append(position)
        self._check_history(position, entry)
        self._report.entries += 1
        self._next = self._read(size)
        return leaf, written

    def _check_history(self, position: int, entry: bytes) -> None:
        made = history_entry(position, entry, self._contracts)
        if self._history.line() != made.line:
            self._report.add(HISTORY, "the line is not that of the entry", position)
        if made.contract is None:
            self._report.unreadable += 1
        else:
            self._containers[made.contract].add(position, made.record)
        try:
            self._stated += stated_contracts(position, entry)
        except Unproven as error:
            self._report.add(ENTRIES, f"what it states of contracts cannot be read: {error}", position)

    def _read(self, size: int) -> tuple[int, bytes] | None:
        """Read the next entry, None after the last; every position of a range must be there."""
        manifest, last = self._report.manifest, self._last
        span = manifest.range if manifest else None
        if not self._entries.left:
            if span and last != span[1]:
                raise BrokenBundle(
                    ENTRIES, f"no entry follows, but the range goes on to {span[1]}", last or None
                )
            return None
        position = int.from_bytes(self._entries.take(8), "big")
        wanted = (last + 1 if last else span[0]) if span else position
        if position != wanted or not last < position <= min(span[1] if span else size, size):
            raise BrokenBundle(
                ENTRIES, f"an entry of position {position} follows, which is out of order", last or None
            )
        self._last = position
        if self._report.entries % PROGRESS_ENTRIES == 0:
            self._progress(self._report.entries, manifest.entries if manifest else 0)
        return position, self._entries.take(int.from_bytes(self._entries.take(2), "big"))
