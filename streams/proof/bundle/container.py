"""The bundle's container: a tar archive in its one form, so that not a byte of it can be another unnoticed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from os import SEEK_END
from tarfile import GNU_FORMAT, HeaderError, TarInfo
from typing import BinaryIO

from streams.tree.verifier import Unproven

BLOCK = 512
END = bytes(2 * BLOCK)
READ = 1 << 20
SUMS = "SHA256SUMS"


@dataclass(frozen=True)
class Finding:
    """Something that does not hold: in which file of the bundle, at which position of the log, and what."""

    file: str
    sentence: str
    position: int | None = None

    def __str__(self) -> str:
        """Tell it in a line."""
        place = "" if self.position is None else f", position {self.position}"
        return f"{self.file}{place}: {self.sentence}"


class Broken(Unproven):
    """Nothing more can be checked behind this finding."""

    def __init__(self, file: str, sentence: str, position: int | None = None) -> None:
        self.finding = Finding(file, sentence, position)
        super().__init__(str(self.finding))


class Part:
    """A file in the bundle, read from front to back."""

    def __init__(self, file: BinaryIO, name: str, start: int, size: int) -> None:
        self.name, self._file, self._start, self._size = name, file, start, size
        self._buffer, self._first, self._at = b"", 0, 0

    @property
    def left(self) -> int:
        """How many bytes are yet to be read."""
        return self._size - self._at

    def rewind(self) -> None:
        """Begin again."""
        self._buffer, self._first, self._at = b"", 0, 0

    def take(self, count: int) -> bytes:
        """Read so many bytes. Raises Broken where there are not so many."""
        if count > self.left:
            raise Broken(self.name, "it ends too early")
        self._fill(count)
        start = self._at - self._first
        self._at += count
        return self._buffer[start : start + count]

    def line(self) -> bytes:
        """Read up to a line's end, or `READ` bytes where there is none."""
        self._fill(min(READ, self.left))
        start = self._at - self._first
        end = self._buffer.find(b"\n", start, start + READ) + 1
        return self.take(end - start if end else min(READ, self.left))

    def _fill(self, count: int) -> None:
        """Have so many bytes that are yet to be read in the buffer."""
        if self._at + count > self._first + len(self._buffer):
            self._file.seek(self._start + self._at)
            self._first, self._buffer = self._at, self._file.read(min(max(READ * 2, count), self.left))

    def all(self) -> bytes:
        """Read all of it."""
        self.rewind()
        return self.take(self._size)

    def digest(self) -> str:
        """Return its SHA-256."""
        self.rewind()
        found = sha256()
        while self.left:
            found.update(self.take(min(READ, self.left)))
        self.rewind()
        return found.hexdigest()


def parts(file: BinaryIO) -> dict[str, Part]:
    """Return the files of a bundle, in order. Raises Broken where it is not in its one form."""
    end = file.seek(0, SEEK_END)
    found: dict[str, Part] = {}
    at, place = 0, "the beginning"
    while True:
        file.seek(at)
        block = file.read(BLOCK)
        if block == END[:BLOCK]:
            if file.read(BLOCK + 1) != END[BLOCK:]:
                raise Broken("the bundle", f"byte {at}: it does not end as it should, after {place}")
            if SUMS not in found:
                raise Broken(SUMS, "it is missing")
            return found
        name, size = _header(block, f"byte {at}", place)
        at += BLOCK
        if name in found:
            raise Broken(name, f"byte {at}: it is there twice")
        if at + size > end:
            raise Broken(name, f"byte {at}: the bundle ends in the midst of it")
        found[name] = Part(file, name, at, size)
        file.seek(at + size)
        if file.read(-size % BLOCK) != bytes(-size % BLOCK):
            raise Broken(name, f"byte {at + size}: something stands behind it")
        at, place = at + size + -size % BLOCK, name


def _header(block: bytes, at: str, after: str) -> tuple[str, int]:
    try:
        found = TarInfo.frombuf(block, "utf-8", "strict")
        if found.size >= 0 and header(found.name, found.size) == block:
            return found.name, found.size
    except (HeaderError, ValueError):
        pass
    raise Broken("the bundle", f"{at}: here no file begins as it should, after {after}")


def header(name: str, size: int) -> bytes:
    """Return what stands before a file."""
    made = TarInfo(name)
    made.size = size
    return made.tobuf(GNU_FORMAT)


def write(into: BinaryIO, files: Iterable[tuple[str, BinaryIO]]) -> None:
    """Write a bundle of files, and their digests last."""
    sums = ""
    for name, file in files:
        into.write(header(name, file.seek(0, SEEK_END)))
        file.seek(0)
        digest = sha256()
        while read := file.read(READ):
            digest.update(read)
            into.write(read)
        into.write(bytes(-file.tell() % BLOCK))
        sums += f"{digest.hexdigest()}  {name}\n"
    into.write(header(SUMS, len(sums.encode())))
    into.write(sums.encode() + bytes(-len(sums.encode()) % BLOCK) + END)


def differing(found: Mapping[str, Part]) -> Iterator[Finding]:
    """Hold the digests of all files."""
    sums = found[SUMS].all().decode(errors="replace").split("\n")
    for at, (name, part) in enumerate(found.items()):
        if name != SUMS and (at >= len(sums) or sums[at] != f"{part.digest()}  {name}"):
            yield Finding(name, f"it is not the file that {SUMS} lists, or its line there was changed")
    if len(sums) != len(found) or sums[-1]:
        yield Finding(SUMS, "it does not list the files of the bundle, a line for each")
