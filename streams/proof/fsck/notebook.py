"""What was verified already, in a file, so that an interrupted run goes on where it was."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from streams.proof.fsck.ports import Head

T = TypeVar("T")


class Begun(Struct, frozen=True):
    """What a run verifies: the log as of its head, with its root at these sizes."""

    head: Head
    sizes: tuple[int, ...]


class _Line(Struct):
    begun: Begun | None = None
    task: str = ""
    done: msgspec.Raw = msgspec.Raw(b"null")


class Notebook:
    """The tasks of one run that are done. Without a file it remembers nothing longer than the process."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._done: dict[str, msgspec.Raw] = {}

    def begin(self, wanted: Begun) -> Begun:
        """Return the run that is to go on, if it is one of this log and has all sizes up to its end; else begin the wanted one."""
        begun = self._read()
        if begun and begun.head.id == wanted.head.id:
            later = [each for each in wanted.sizes if each not in begun.sizes]
            if begun.head.position <= wanted.head.position and all(
                each > begun.head.position for each in later
            ):
                return begun
        self._done.clear()
        self.finish()
        self._write(_Line(begun=wanted))
        return wanted

    def done(self, task: str, kind: type[T]) -> T | None:
        """Return what came of a task, None where it is yet to be done."""
        found = self._done.get(task)
        return None if found is None else msgspec.json.decode(found, type=kind)

    def note(self, task: str, done: object) -> None:
        """Note what came of a task."""
        told = msgspec.Raw(msgspec.json.encode(done))
        self._done[task] = told
        self._write(_Line(task=task, done=told))

    def finish(self) -> None:
        """Forget the run, once it is over."""
        if self._file is not None:
            self._file.unlink(missing_ok=True)

    def _read(self) -> Begun | None:
        """Read the file as far as it was written: its last line may be cut short."""
        begun = None
        lines = self._file.read_bytes().split(b"\n") if self._file and self._file.exists() else []
        for line in lines[:-1]:
            try:
                read = msgspec.json.decode(line, type=_Line)
            except msgspec.DecodeError:
                break
            begun = begun or read.begun
            self._done[read.task] = read.done
        return begun

    def _write(self, line: _Line) -> None:
        if self._file is not None:
            with self._file.open("ab") as file:
                file.write(msgspec.json.encode(line) + b"\n")
