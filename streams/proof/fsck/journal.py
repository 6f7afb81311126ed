"""The journal of a run: a file with the results of finished tasks, so that an interrupted run can resume."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from streams.proof.fsck.ports import HeadRow

T = TypeVar("T")


class RunScope(Struct, frozen=True):
    """What a run verifies: the log as of this head, and its root at these sizes."""

    head: HeadRow
    sizes: tuple[int, ...]


class _Line(Struct):
    begun: RunScope | None = None
    task: str = ""
    done: msgspec.Raw = msgspec.Raw(b"null")


class Journal:
    """The finished tasks of one run. Without a file they are forgotten when the process ends.

    What an interrupted run has left is trusted only with `resume`: a change of the log since then goes unseen.
    """

    def __init__(self, file: Path | None = None, *, resume: bool = False) -> None:
        self._file, self._resume = file, resume
        self._done: dict[str, msgspec.Raw] = {}
        self.taken_over = 0
        """How many tasks an interrupted run had finished, which are not done again."""

    def begin(self, wanted: RunScope) -> RunScope:
        """Resume the interrupted run, if that is asked for, it is of this log, and it covers all sizes up to its end.

        Otherwise begin the wanted one. Return the scope of the run.
        """
        begun = self._read() if self._resume else None
        if begun and begun.head.id == wanted.head.id:
            later = [each for each in wanted.sizes if each not in begun.sizes]
            if begun.head.position <= wanted.head.position and all(
                each > begun.head.position for each in later
            ):
                self.taken_over = len(self._done)
                return begun
        self._done.clear()
        self.finish()
        self._write(_Line(begun=wanted))
        return wanted

    def done(self, task: str, kind: type[T]) -> T | None:
        """Return the result of a task, None if it is not finished."""
        found = self._done.get(task)
        return None if found is None else msgspec.json.decode(found, type=kind)

    def record(self, task: str, result: object) -> None:
        """Record the result of a task."""
        encoded = msgspec.Raw(msgspec.json.encode(result))
        self._done[task] = encoded
        self._write(_Line(task=task, done=encoded))

    def finish(self) -> None:
        """Delete the journal: the run is over, or is not to be resumed."""
        if self._file is not None:
            self._file.unlink(missing_ok=True)

    def _read(self) -> RunScope | None:
        """Read the file up to its last complete line; return the scope of the run."""
        begun = None
        lines = self._file.read_bytes().split(b"\n") if self._file and self._file.exists() else []
        for line in lines[:-1]:
            try:
                read = msgspec.json.decode(line, type=_Line)
            except msgspec.DecodeError:
                break
            begun = begun or read.begun
            if read.task:
                self._done[read.task] = read.done
        return begun

    def _write(self, line: _Line) -> None:
        if self._file is not None:
            with self._file.open("ab") as file:
                file.write(msgspec.json.encode(line) + b"\n")
