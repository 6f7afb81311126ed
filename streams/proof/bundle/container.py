"""The bundle's container: a tar archive in the only accepted form, so that no changed byte goes unnoticed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from os import SEEK_END
from tarfile import GNU_FORMAT, HeaderError, TarInfo
from typing import BinaryIO

from streams.tree.verifier import Unproven, shown

BLOCK_BYTES = 512
"""The size of a tar block, which the tar format prescribes: headers take one, contents are padded to whole ones."""

END = bytes(2 * BLOCK_BYTES)
"""The end of a tar archive: two blocks of zeros."""

READ_BYTES = 1 << 20
"""Bytes that are read or hashed at once, and the longest line of a history: few calls, and little memory."""

SUMS = "SHA256SUMS"
"""The name of the bundle's last file: the digest of each other file, as `sha256sum -c` reads it."""

OUTSIDE = "the bundle"
"""What stands in a finding in place of a file, if it is about none."""


@dataclass(frozen=True)
class Finding:
    """A failed check: the file of the bundle, what is wrong, and the position in the log if it concerns one entry."""

    file: str
    sentence: str
    position: int | None = None

    def __str__(self) -> str:
        """Return it as a line of text."""
        place = "" if self.position is None else f", position {self.position}"
        return f"{self.file if self.file == OUTSIDE else shown(self.file)}{place}: {self.sentence}"


class BrokenBundle(Unproven):
    """The check cannot go on after this finding."""

    def __init__(self, file: str, sentence: str, position: int | None = None) -> None:
        self.finding = Finding(file, sentence, position)
        super().__init__(str(self.finding))


class BundleFile:
    """A file in the bundle, read from front to back."""

    def __init__(self, file: BinaryIO, name: str, start: int, size: int) -> None:
        self.name, self._file, self._start, self._size = name, file, start, size
        self._buffer, self._first, self._at = b"", 0, 0

    @property
    def left(self) -> int:
        """The number of bytes that are not read yet."""
        return self._size - self._at

    def rewind(self) -> None:
        """Go back to the beginning."""
        self._buffer, self._first, self._at = b"", 0, 0

    def take(self, count: int) -> bytes:
        """Read `count` bytes. Raises BrokenBundle if fewer are left."""
        if count > self.left:
            raise BrokenBundle(self.name, "the file ends too early")
        self._fill(count)
        start = self._at - self._first
        self._at += count
        return self._buffer[start : start + count]

    def line(self) -> bytes:
        """Read up to the end of the line, or `READ_BYTES` if the line is longer."""
        self._fill(min(READ_BYTES, self.left))
        start = self._at - self._first
        end = self._buffer.find(b"\n", start, start + READ_BYTES) + 1
        return self.take(end - start if end else min(READ_BYTES, self.left))

    def _fill(self, count: int) -> None:
        """Make sure that the buffer has the next `count` bytes."""
        if self._at + count > self._first + len(self._buffer):
            self._file.seek(self._start + self._at)
            self._first, self._buffer = self._at, self._file.read(min(max(READ_BYTES * 2, count), self.left))

    def all(self) -> bytes:
        """Read the whole file."""
        self.rewind()
        return self.take(self._size)

    def digest(self) -> str:
        """Return the SHA-256 of the file in hexadecimal."""
        self.rewind()
        found = sha256()
        while self.left:
            found.update(self.take(min(READ_BYTES, self.left)))
        self.rewind()
        return found.hexdigest()


def read_files(file: BinaryIO) -> dict[str, BundleFile]:
    """Return the files of a bundle, in order. Raises BrokenBundle unless the archive has the only accepted form."""
    end = file.seek(0, SEEK_END)
    found: dict[str, BundleFile] = {}
    at, place = 0, "the start"
    while True:
        file.seek(at)
        block = file.read(BLOCK_BYTES)
        if block == END[:BLOCK_BYTES]:
            if file.read(BLOCK_BYTES + 1) != END[BLOCK_BYTES:]:
                raise BrokenBundle(OUTSIDE, f"byte {at}: the archive does not end correctly after {place}")
            if SUMS not in found:
                raise BrokenBundle(SUMS, "the file is missing")
            return found
        name, size = _header(block, f"byte {at}", place)
        at += BLOCK_BYTES
        if name in found:
            raise BrokenBundle(name, f"byte {at}: the bundle has this file twice")
        if at + size > end:
            raise BrokenBundle(name, f"byte {at}: the bundle ends in the middle of this file")
        found[name] = BundleFile(file, name, at, size)
        file.seek(at + size)
        if file.read(-size % BLOCK_BYTES) != bytes(-size % BLOCK_BYTES):
            raise BrokenBundle(name, f"byte {at + size}: the padding after this file is not zeros")
        at, place = at + size + -size % BLOCK_BYTES, shown(name)


def _header(block: bytes, at: str, after: str) -> tuple[str, int]:
    try:
        found = TarInfo.frombuf(block, "utf-8", "strict")
        if found.size >= 0 and header(found.name, found.size) == block:
            return found.name, found.size
    except (HeaderError, ValueError):
        pass
    raise BrokenBundle(OUTSIDE, f"{at}: no valid file header after {after}")


def header(name: str, size: int) -> bytes:
    """Return the header that precedes a file."""
    made = TarInfo(name)
    made.size = size
    return made.tobuf(GNU_FORMAT)


def write(into: BinaryIO, files: Iterable[tuple[str, BinaryIO]]) -> None:
    """Write a bundle of these files, followed by their digests."""
    sums = ""
    for name, file in files:
        into.write(header(name, file.seek(0, SEEK_END)))
        file.seek(0)
        digest = sha256()
        while read := file.read(READ_BYTES):
            digest.update(read)
            into.write(read)
        into.write(bytes(-file.tell() % BLOCK_BYTES))
        sums += f"{digest.hexdigest()}  {name}\n"
    into.write(header(SUMS, len(sums.encode())))
    into.write(sums.encode() + bytes(-len(sums.encode()) % BLOCK_BYTES) + END)


def check_digests(files: Mapping[str, BundleFile]) -> Iterator[Finding]:
    """Check the digests of all files; yield the findings."""
    sums = files[SUMS].all().split(b"\n")
    for at, (name, each) in enumerate(files.items()):
        if name != SUMS and (at >= len(sums) or sums[at] != f"{each.digest()}  {name}".encode()):
            yield Finding(name, f"its digest is not the one in {SUMS}: the file or that line was changed")
    if len(sums) != len(files) or sums[-1]:
        yield Finding(SUMS, "it does not have exactly one line for each file of the bundle")
