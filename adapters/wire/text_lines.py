"""Lines of a text file that others have written, as UTF-8: nothing about its encoding is guessed, since a log keeps it."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from enum import StrEnum
from hashlib import sha256

_MARK = "\ufeff"
_OTHER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_TOLD = 40


class Encoding(StrEnum):
    """The encodings that are read."""

    UTF_8 = "utf-8"
    GB18030 = "gb18030"
    """GB 18030-2022, which holds GBK and GB 2312."""


class TextFault(Exception):
    """A file is not text in the encoding that was named."""


class TextLines:
    """Gives the lines of a source as UTF-8, without a byte-order mark; `digest` is that of the bytes as they came."""

    def __init__(self, source: Iterable[bytes], encoding: Encoding = Encoding.UTF_8) -> None:
        self._source, self._encoding = source, encoding
        self._read = sha256()

    @property
    def digest(self) -> str:
        """The SHA-256 of what has been read, in hexadecimal digits."""
        return self._read.hexdigest()

    def __iter__(self) -> Iterator[bytes]:
        """Yield the lines. Raises TextFault."""
        for number, line in enumerate(self._source, 1):
            self._read.update(line)
            if b"\0" in line or (number == 1 and line.startswith(_OTHER_MARKS)):
                raise TextFault(f"line {number} is UTF-16 or no text: save the file as UTF-8")
            try:
                text = line.decode(self._encoding)
            except UnicodeDecodeError as error:
                raise TextFault(
                    f"line {number} is not {self._encoding}{_other(line, self._encoding)}"
                ) from error
            yield (text.removeprefix(_MARK) if number == 1 else text).encode()


def _other(line: bytes, encoding: Encoding) -> str:
    """Return what the first words beyond ASCII say in GB18030, so that who knows the file can tell."""
    if encoding is Encoding.GB18030:
        return ""
    try:
        text = line.decode(Encoding.GB18030)
    except UnicodeDecodeError:
        return ""
    first = next(index for index, each in enumerate(text) if not each.isascii())
    return (
        f"; in GB18030 it says '{text[first : first + _TOLD].strip()}': if that is right, name that encoding"
    )
