"""Witnessing (c2sp.org/tlog-witness): to cosign what a log says of itself, as long as it has only grown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from msgspec import Struct

from streams.proof.proofs import base64_lines
from streams.tree.verifier import (
    Checkpoint,
    Key,
    Note,
    Signature,
    Unproven,
    check_consistency,
    decoded,
    number,
)

MOST_HASHES = 63
Reason = Literal["malformed", "unknown-log", "not-signed", "other-size", "not-consistent"]


class Declined(Exception):
    """A checkpoint is not cosigned, and why; `size` is that of the one that was cosigned last."""

    def __init__(self, reason: Reason, sentence: str, size: int = 0) -> None:
        super().__init__(sentence)
        self.reason, self.size = reason, size


class Memory(Protocol):
    """Where what was last signed is kept, durable and apart from the log: a log that is restored does not undo it."""

    def signed(self, name: str) -> str | None:
        """Return what was last signed under this name."""

    def sign(self, name: str, before: str | None, after: str) -> bool:
        """Put what is to be signed in the place of what was; tell whether that was still `before`."""


class Submission(Struct, frozen=True):
    """What a witness is asked: to cosign a checkpoint, given what leads to it from the one that it cosigned last."""

    old: int
    path: list[bytes]
    note: str

    def __str__(self) -> str:
        """Write the body of the request."""
        return f"old {self.old}\n{base64_lines(self.path)}\n{self.note}"

    @classmethod
    def read(cls, body: str) -> Submission:
        """Read the body of a request. Raises Unproven."""
        head, blank, note = body.partition("\n\n")
        old, *path = head.split("\n")
        if not blank or not old.startswith("old ") or len(path) > MOST_HASHES:
            raise Unproven("this is no submission of a checkpoint")
        return cls(number(old[4:]), [decoded(each) for each in path], note)


class Witness:
    """Cosigns the checkpoints of known logs. Any thread may use it."""

    def __init__(self, memory: Memory, cosign: Callable[[str], Signature], logs: Sequence[Key]) -> None:
        self._memory, self._cosign, self._logs = memory, cosign, logs

    def add(self, body: str) -> Signature:
        """Cosign a submitted checkpoint. Raises Declined."""
        try:
            submitted = Submission.read(body)
            note = Note.read(submitted.note)
            checkpoint = Checkpoint.read(note.text)
        except Unproven as error:
            raise Declined("malformed", str(error)) from error
        self._hold_signed(checkpoint, note)
        if submitted.old > checkpoint.size:
            raise Declined("malformed", "the old size is larger than the checkpoint's")
        name = f"witness {checkpoint.origin}"
        before = self._memory.signed(name)
        self._hold_grown(before, checkpoint, submitted)
        if not self._memory.sign(name, before, note.text):
            raise Declined("other-size", "another checkpoint was cosigned meanwhile", self._size(name))
        return self._cosign(note.text)

    def _hold_signed(self, checkpoint: Checkpoint, note: Note) -> None:
        keys = [each for each in self._logs if each.name == checkpoint.origin]
        if not keys:
            raise Declined("unknown-log", f"the log {checkpoint.origin} is not witnessed here")
        try:
            signers = note.signers(keys)
        except Unproven as error:
            raise Declined("not-signed", str(error)) from error
        if not signers:
            raise Declined("not-signed", f"no known key of {checkpoint.origin} has signed")

    def _hold_grown(self, before: str | None, new: Checkpoint, submitted: Submission) -> None:
        last = None if before is None else Checkpoint.read(before)
        size = last.size if last else 0
        if submitted.old != size:
            raise Declined("other-size", f"the checkpoint cosigned last has size {size}", size)
        if last and size == new.size and last.root != new.root:
            raise Declined("other-size", f"another checkpoint of size {size} was cosigned", size)
        try:
            hold_grown(last, new, submitted.path)
        except Unproven as error:
            raise Declined("not-consistent", str(error), size) from error

    def _size(self, name: str) -> int:
        last = self._memory.signed(name)
        return 0 if last is None else Checkpoint.read(last).size


def hold_grown(last: Checkpoint | None, new: Checkpoint, path: Sequence[bytes]) -> None:
    """Hold that a log has only grown since; from nothing, and from a size of 0, the path is empty. Raises Unproven."""
    if last is None or last.size == 0:
        if path:
            raise Unproven("the proof from size 0 is empty")
        return
    check_consistency(last.size, last.root, new.size, new.root, path)
