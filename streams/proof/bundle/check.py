"""The check of an audit bundle: from a log's signed head down to each line of the history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from streams.proof.bundle import avro, container
from streams.proof.bundle.container import SUMS, Broken, Finding, Part
from streams.proof.bundle.history import Contract, told
from streams.proof.bundle.manifest import (
    CHECKPOINT,
    ENTRIES,
    HISTORY,
    LEAVES,
    MANIFEST,
    PROOF,
    Manifest,
    container_file,
    contract_file,
)
from streams.tree.verifier import (
    HASH_BYTES,
    Checkpoint,
    Enough,
    Key,
    Note,
    Unproven,
    leaf_hash,
    node_hash,
    open_checkpoint,
)

AT_ONCE = 100
"""So many records are in a block of an Avro container."""
MOST = 10
"""So many findings in one file of a bundle are told."""

Progress = Callable[[int, int], None]


@dataclass
class Checked:
    """What was checked, as far as it could be, and what was found; nothing found is nothing wrong."""

    findings: list[Finding] = field(default_factory=list)
    checkpoint: Checkpoint | None = None
    signers: Sequence[Key] = ()
    manifest: Manifest | None = None
    entries: int = 0
    unreadable: int = 0

    def add(self, file: str, sentence: str, position: int | None = None) -> None:
        """Note a finding, unless the file has had enough of them."""
        count = sum(each.file == file for each in self.findings)
        if count < MOST:
            self.findings.append(Finding(file, sentence, position))
        elif count == MOST:
            self.findings.append(Finding(file, "and more, which is not told"))

    def __str__(self) -> str:
        """Tell it in a line."""
        if self.checkpoint is None or self.manifest is None:
            return f"{len(self.findings)} findings"
        signers = ", ".join(f"{each.name}+{each.id.hex()}" for each in self.signers) or "nobody who is known"
        span = self.manifest.range
        which = f"positions {span[0]} to {span[1]}" if span else f"some with {', '.join(self.manifest.tags)}"
        unread = f", {self.unreadable} of them unreadable" if self.unreadable else ""
        place = f"of {self.checkpoint.origin} at size {self.checkpoint.size}, signed by {signers}"
        return f"{self.entries} entries{unread}, {which} {place}: {len(self.findings)} findings"


def check(
    file: BinaryIO,
    keys: Sequence[Key],
    *,
    enough: Enough | None = None,
    progress: Progress = lambda _done, _all: None,
) -> Checked:
    """Check a bundle: whose log it is of, by these keys, that its entries are in that, and that the rest follows from them.

    All witnesses that are given must have cosigned, unless fewer are enough.
    """
    found = Checked()
    try:
        parts = container.parts(file)
        found.findings += container.differing(parts)
        found.manifest = _manifest(parts)
        _checkpoint(parts[CHECKPOINT], found, keys, enough)
        contracts = {number: _contract(parts, name) for number, name in found.manifest.contracts.items()}
        if found.checkpoint is not None:
            _Walk(parts, contracts, found, progress).check(found.checkpoint)
    except Broken as broken:
        found.findings.append(broken.finding)
    return found


def _manifest(parts: dict[str, Part]) -> Manifest:
    first = next(iter(parts))
    if first != MANIFEST:
        raise Broken(first, f"it stands where {MANIFEST} must")
    try:
        found = Manifest.read(parts[MANIFEST].all().decode(errors="replace"))
    except Unproven as error:
        raise Broken(MANIFEST, str(error)) from error
    wanted, there = [*found.files, SUMS], [*parts]
    for place, name in enumerate(wanted):
        if there[place : place + 1] != [name]:
            instead = there[place] if place < len(there) else "nothing"
            raise Broken(name, f"{instead} stands in its place")
    if len(there) > len(wanted):
        raise Broken(there[len(wanted)], "no bundle has such a file")
    return found


def _checkpoint(part: Part, found: Checked, keys: Sequence[Key], enough: Enough | None) -> None:
    note = part.all().decode(errors="replace")
    try:
        found.checkpoint = Checkpoint.read(Note.read(note).text)
        found.signers = open_checkpoint(note, keys, enough)[1]
    except Unproven as error:
        found.add(CHECKPOINT, str(error))
    told, own = found.manifest, found.checkpoint
    if told and own and (told.origin, told.size) != (own.origin, own.size):
        found.add(MANIFEST, f"the checkpoint is of {own.origin} at size {own.size}")


def _contract(parts: dict[str, Part], name: str) -> Contract:
    try:
        return Contract.of(name, parts[contract_file(name)].all())
    except Unproven as error:
        raise Broken(contract_file(name), str(error)) from error


class _Records:
    """The container that a contract's entries must make, against the one that is there."""

    def __init__(self, part: Part, contract: Contract, found: Checked) -> None:
        self._part, self._found = part, found
        self._divider = avro.sync(contract.container)
        self._open: list[tuple[int, bytes]] = []
        header = avro.header(contract.container)
        if part.take(min(len(header), part.left)) != header:
            found.add(part.name, "it does not begin as a container of its contract does")

    def add(self, position: int, record: bytes) -> None:
        """Add the next entry's record."""
        self._open.append((position, record))
        if len(self._open) == AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Hold the block of the records that were added."""
        if not self._open:
            return
        wanted = avro.block([record for _, record in self._open], self._divider)
        block = self._part.take(min(len(wanted), self._part.left))
        if block != wanted:
            position = self._place(block, wanted)
            self._found.add(self._part.name, "it is not what the entry, or one behind it, says", position)
        self._open.clear()

    def _place(self, block: bytes, wanted: bytes) -> int:
        """Return the position of the first record that differs."""
        same = next((at for at, each in enumerate(block) if each != wanted[at]), len(block))
        end = len(wanted) - len(self._divider) - sum(len(record) for _, record in self._open)
        for position, record in self._open:
            end += len(record)
            if same < end:
                return position
        return self._open[-1][0]


class _Walk:
    """Goes through the entries once, in order, and builds the tree over them.

    The proof has the hash of each largest subtree without any of these entries, from left to right. The tree is built
    twice, over the entries and over the leaves that were written down, so that it tells which of them was changed.
    """

    def __init__(
        self, parts: dict[str, Part], contracts: dict[int, Contract], found: Checked, progress: Progress
    ) -> None:
        self._entries, self._leaves, self._proof = parts[ENTRIES], parts[LEAVES], parts[PROOF]
        self._history, self._contracts = parts[HISTORY], contracts
        for each in (self._entries, self._leaves, self._proof, self._history):
            each.rewind()
        self._records = {
            each.name: _Records(parts[container_file(each.name)], each, found) for each in contracts.values()
        }
        self._others = [parts[container_file(each.name)] for each in contracts.values()]
        self._found, self._progress = found, progress
        self._last, self._changed = 0, list[int]()
        self._next: tuple[int, bytes] | None = None

    def check(self, checkpoint: Checkpoint) -> None:
        """Hold all files that follow from the entries. Raises Broken where one ends too early, or has another order."""
        self._next = self._read(checkpoint.size)
        if self._next is None:
            raise Broken(ENTRIES, "there is none")
        of_entries, of_leaves = self._root(0, checkpoint.size, checkpoint.size)
        self._tell(checkpoint, of_entries, of_leaves)
        for each in self._records.values():
            each.flush()
        for part in (self._leaves, self._proof, self._history, *self._others):
            if part.left:
                self._found.add(part.name, "it goes on behind what the last entry says")
        manifest = self._found.manifest
        if manifest and manifest.entries != self._found.entries:
            self._found.add(MANIFEST, f"there are {self._found.entries} entries")

    def _tell(self, checkpoint: Checkpoint, of_entries: bytes, of_leaves: bytes) -> None:
        if of_entries == checkpoint.root:
            for position in self._changed:
                self._found.add(LEAVES, "it is not the hash of the entry", position)
        elif of_leaves == checkpoint.root:
            for position in self._changed:
                self._found.add(ENTRIES, "it is not the entry that the log has", position)
        else:
            sentence = f"with it the entries do not make the tree of {checkpoint.size} leaves that was signed"
            self._found.add(PROOF, sentence)

    def _root(self, start: int, end: int, size: int) -> tuple[bytes, bytes]:
        """Return the hash of a subtree, made of the entries and made of the leaves that were written down."""
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
        self._hold_history(position, entry)
        self._found.entries += 1
        self._next = self._read(size)
        return leaf, written

    def _hold_history(self, position: int, entry: bytes) -> None:
        line = told(position, entry, self._contracts)
        if self._history.line() != line.line:
            self._found.add(HISTORY, "the line is not what the entry says", position)
        if line.contract is None:
            self._found.unreadable += 1
        else:
            self._records[line.contract].add(position, line.record)

    def _read(self, size: int) -> tuple[int, bytes] | None:
        """Read the next entry; the positions of a range must all be there."""
        manifest, last = self._found.manifest, self._last
        span = manifest.range if manifest else None
        if not self._entries.left:
            if span and last != span[1]:
                raise Broken(
                    ENTRIES, f"no entry comes after it, but the range goes on to {span[1]}", last or None
                )
            return None
        position = int.from_bytes(self._entries.take(8), "big")
        wanted = (last + 1 if last else span[0]) if span else position
        if position != wanted or not last < position <= min(span[1] if span else size, size):
            raise Broken(ENTRIES, f"an entry of position {position} comes after it", last or None)
        self._last = position
        if self._found.entries % 1000 == 0:
            self._progress(self._found.entries, manifest.entries if manifest else 0)
        return position, self._entries.take(int.from_bytes(self._entries.take(2), "big"))
