"""Writing an audit bundle (docs/audit.md): its files are written side by side, then put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from msgspec import Struct

from adapters.contracts.published import FOLDER, Contract, named_contracts, published
from adapters.process.private import open_private
from events.contract import tags
from events.entry import Stored, key
from streams.ports import Codec, Log, Selection, Undecodable
from streams.proof.bundle import avro, container
from streams.proof.bundle.contracts import NamedContract, statement_record
from streams.proof.bundle.history import BundleContract, contract_id, history_entry
from streams.proof.bundle.manifest import (
    CHECKPOINT,
    ENTRIES,
    HISTORY,
    LEAVES,
    MANIFEST,
    PROOF,
    STATEMENTS,
    Manifest,
    container_file,
    contract_file,
)
from streams.proof.contracts import statements
from streams.proof.proofs import Proofs
from streams.tree import merkle
from streams.tree.merkle import Span
from streams.tree.verifier import Checkpoint, Note, Unproven, leaf_hash

PAGE = 1000
SPANS = 500

Progress = Callable[[int, int], None]


class NothingToExport(Exception):
    """A selection cannot be exported; the sentence says why."""


class BundleSelection(Struct, frozen=True):
    """The entries of a range, including its ends, or those that carry all of some tags."""

    tags: tuple[str, ...] = ()
    range: tuple[int, int] | None = None


class _Writer:
    """The files of a bundle, below one folder, while they grow."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self._files: dict[str, BinaryIO] = {}

    def __getitem__(self, name: str) -> BinaryIO:
        if name not in self._files:
            path = self._folder / str(len(self._files))
            self._files[name] = self._stack.enter_context(path.open("w+b"))
        return self._files[name]


class _Records:
    """Collects the entries of a contract for its container."""

    def __init__(self, into: BinaryIO, contract: BundleContract) -> None:
        self._into, self._open = into, list[bytes]()
        self._marker = avro.sync(contract.container)
        into.write(avro.header(contract.container))

    def add(self, record: bytes) -> None:
        self._open.append(record)
        if len(self._open) == avro.BLOCK_RECORDS:
            self.flush()

    def flush(self) -> None:
        if self._open:
            self._into.write(avro.block(self._open, self._marker))
            self._open.clear()


class Bundling:
    """Makes bundles of a log under one of its checkpoints."""

    def __init__(self, log: Log, codec: Codec, note: str) -> None:
        self._log, self._codec, self._note = log, codec, note
        self._checkpoint = Checkpoint.read(Note.read(note).text)
        self._published: Mapping[int, Contract] = {each.id: each for each in published()}

    @property
    def size(self) -> int:
        """The size of the log that the checkpoint is of."""
        return self._checkpoint.size

    def write(
        self, selection: BundleSelection, out: Path, progress: Progress = lambda _done, _all: None
    ) -> Manifest:
        """Write the bundle of a selection, completely or not at all. Raises NothingToExport."""
        self._hold(selection)
        with TemporaryDirectory(dir=out.parent, prefix=".bundle-") as folder, ExitStack() as stack:
            files = _Writer(Path(folder), stack)
            manifest = self._fill(self._entries(selection, progress), selection, files)
            files[MANIFEST].write(str(manifest).encode())
            files[CHECKPOINT].write(self._note.encode())
            made = Path(folder) / "made"
            with open_private(made, "w") as into:
                container.write(into, ((name, files[name]) for name in manifest.files))
            made.replace(out)
        return manifest

    def _hold(self, selection: BundleSelection) -> None:
        first, last = selection.range or (1, self.size)
        if not 1 <= first <= last:
            raise NothingToExport(f"{first} to {last} is not a range of positions, which begin at 1")
        if last > self.size:
            raise NothingToExport(
                f"position {last} is not covered by a checkpoint yet: the latest has size {self.size}"
            )

    def _fill(self, entries: Iterator[Stored], selection: BundleSelection, files: _Writer) -> Manifest:
        contracts: dict[int, BundleContract] = {}
        records: dict[str, _Records] = {}
        count = 0
        for each in entries:
            count += 1
            files[ENTRIES].write(
                each.position.to_bytes(8, "big") + len(each.entry).to_bytes(2, "big") + each.entry
            )
            files[LEAVES].write(leaf_hash(each.entry))
            self._learn(each.entry, contracts, records, files)
            made = history_entry(each.position, each.entry, contracts)
            files[HISTORY].write(made.line)
            if made.contract is not None:
                records[made.contract].add(made.record)
        if not count:
            raise NothingToExport(f"no entry up to position {self.size} carries {', '.join(selection.tags)}")
        for container_ in records.values():
            container_.flush()
        self._prove(files)
        named = {number: contract.name for number, contract in contracts.items()}
        self._state([each for each in named_contracts() if each.number in named], files[STATEMENTS])
        return Manifest(self._checkpoint.origin, self.size, count, named, selection.tags, selection.range)

    def _learn(
        self, entry: bytes, contracts: dict[int, BundleContract], records: dict[str, _Records], files: _Writer
    ) -> None:
        """Add the contract of an entry to the bundle, unless the bundle has it."""
        try:
            number = contract_id(entry)
        except Unproven:
            return
        if number in contracts or number not in self._published:
            return
        contract = self._published[number]
        name = contract.file.removesuffix(".avsc")
        schema = (FOLDER / contract.file).read_bytes()
        contracts[number] = BundleContract.of(name, schema)
        files[contract_file(name)].write(schema)
        records[name] = _Records(files[container_file(name)], contracts[number])

    def _entries(self, selection: BundleSelection, progress: Progress) -> Iterator[Stored]:
        first, last = selection.range or (1, self.size)
        after = first - 1
        while after < last:
            if selection.range:
                page = self._log.read(after, last, PAGE)
            else:
                keys = tuple(map(key, selection.tags))
                page = self._log.select(Selection(tags=keys, after=after, upto=last, limit=PAGE))
            if not page:
                return
            yield from (each for each in page if self._has(each, selection))
            after = page[-1].position
            progress(after - first + 1, last - first + 1)

    def _has(self, stored: Stored, selection: BundleSelection) -> bool:
        """Return whether an entry carries the tags: an index of keys may have found too many."""
        if not selection.tags:
            return True
        try:
            return set(selection.tags) <= set(tags(self._codec.decode(stored)))
        except Undecodable:
            return False

    def _state(self, contracts: Sequence[NamedContract], into: BinaryIO) -> None:
        """Write the log's statements about these contracts, each with its proof."""
        proofs = Proofs(self._log)
        for stored, stated in statements(self._log, self.size):
            if any(mine.like(each.contract) for mine in contracts for each in stated):
                path = proofs.inclusion(stored.position - 1, self.size)
                into.write(statement_record(stored.position, stored.entry, path))

    def _prove(self, files: _Writer) -> None:
        """Write the hashes of the largest subtrees that contain none of the entries, from left to right."""
        spans: list[Span] = []
        for each in apart(_positions(files[ENTRIES]), self.size):
            spans.append(each)
            if len(spans) == SPANS:
                files[PROOF].write(b"".join(merkle.roots(spans, self._log.tiles)))
                spans.clear()
        files[PROOF].write(b"".join(merkle.roots(spans, self._log.tiles)))


def _positions(entries: BinaryIO) -> Iterator[int]:
    """Give the positions of the entries that were written."""
    entries.seek(0)
    while head := entries.read(10):
        entries.seek(int.from_bytes(head[8:], "big"), 1)
        yield int.from_bytes(head[:8], "big")


def apart(positions: Iterator[int], size: int) -> Iterator[Span]:
    """Give the largest subtrees that contain none of these rising positions, from left to right."""
    following = next(positions, 0)

    def walk(start: int, end: int) -> Iterator[Span]:
        nonlocal following
        if not start < following <= end:
            yield start, end
        elif end - start == 1:
            following = next(positions, 0)
        else:
            middle = start + (1 << (end - start - 1).bit_length() - 1)
            yield from walk(start, middle)
            yield from walk(middle, end)

    return walk(0, size)
