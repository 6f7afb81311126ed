"""The witness (c2sp.org/tlog-witness): cosigns other logs' checkpoints as long as those logs have only grown."""

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
"""Most hashes in a consistency proof; c2sp.org/tlog-witness prescribes it."""

Reason = Literal["malformed", "unknown-log", "not-signed", "other-size", "not-consistent"]


class Declined(Exception):
    """The witness does not cosign, for this reason; `size` is that of the checkpoint that it cosigned last."""

    def __init__(self, reason: Reason, sentence: str, size: int = 0) -> None:
        super().__init__(sentence)
        self.reason, self.size = reason, size


class SignedNotes(Protocol):
    """The text that was last signed under each name: durable, and kept apart from the log, so that no restore undoes it."""

    def last(self, name: str) -> str | None:
        """Return the text that was last signed under this name, None if there is none."""

    def replace(self, name: str, before: str | None, after: str) -> bool:
        """Replace the last text by the one about to be signed if it is still `before`; return whether it was."""


class Submission(Struct, frozen=True):
    """A request to cosign a checkpoint, with the proof that it continues the one that the witness cosigned last."""

    old: int
    path: list[bytes]
    note: str

    def __str__(self) -> str:
        """Return the body of the request."""
        return f"old {self.old}\n{base64_lines(self.path)}\n{self.note}"

    @classmethod
    def read(cls, body: str) -> Submission:
        """Parse the body of a request. Raises Unproven."""
        head, blank, note = body.partition("\n\n")
        old, *path = head.split("\n")
        if not blank or not old.startswith("old ") or len(path) > MOST_HASHES:
            raise Unproven("this is not a submission of a checkpoint")
        return cls(number(old[4:]), [decoded(each) for each in path], note)


class Witness:
    """Cosigns the checkpoints of known logs. Any thread may use it."""

    def __init__(self, notes: SignedNotes, cosign: Callable[[str], Signature], logs: Sequence[Key]) -> None:
        self._notes, self._cosign, self._logs = notes, cosign, logs

    def add(self, body: str) -> Signature:
        """Cosign a submitted checkpoint. Raises Declined."""
        try:
            submitted = Submission.read(body)
            note = Note.read(submitted.note)
            checkpoint = Checkpoint.read(note.text)
        except Unproven as error:
            raise Declined("malformed", str(error)) from error
        self._check_signed(checkpoint, note)
        if submitted.old > checkpoint.size:
            raise Declined("malformed", "the old size is larger than the checkpoint's")
        name = f"witness {checkpoint.origin}"
        before = self._notes.last(name)
        self._check_grown(before, checkpoint, submitted)
        if not self._notes.replace(name, before, note.text):
            raise Declined("other-size", "another checkpoint has been cosigned meanwhile", self._size(name))
        return self._cosign(note.text)

    def _check_signed(self, checkpoint: Checkpoint, note: Note) -> None:
        keys = [each for each in self._logs if each.name == checkpoint.origin]
        if not keys:
            raise Declined("unknown-log", f"this witness does not know the log {checkpoint.origin}")
        try:
            signers = note.signers(keys)
        except Unproven as error:
            raise Declined("not-signed", str(error)) from error
        if not signers:
            raise Declined("not-signed", f"no known key of {checkpoint.origin} has signed")

    def _check_grown(self, before: str | None, new: Checkpoint, submitted: Submission) -> None:
        last = None if before is None else Checkpoint.read(before)
        size = last.size if last else 0
        if submitted.old != size:
            raise Declined("other-size", f"the last cosigned checkpoint has size {size}", size)
        if last and size == new.size and last.root != new.root:
            raise Declined("other-size", f"another checkpoint of size {size} has been cosigned", size)
        try:
            check_grown(last, new, submitted.path)
        except Unproven as error:
            raise Declined("not-consistent", str(error), size) from error

    def _size(self, name: str) -> int:
        last = self._notes.last(name)
        return 0 if last is None else Checkpoint.read(last).size


def check_grown(last: Checkpoint | None, new: Checkpoint, path: Sequence[bytes]) -> None:
    """Check that a log has only grown since its last checkpoint. Raises Unproven.

    If there is none, or its size is 0, the path must be empty.
    """
    if last is None or last.size == 0:
        if path:
            raise Unproven("the proof from size 0 must be empty")
        return
    check_consistency(last.size, last.root, new.size, new.root, path)
