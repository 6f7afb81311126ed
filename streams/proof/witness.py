"""The witness (c2sp.org/tlog-witness): cosigns other logs' checkpoints as long as those logs have only grown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Literal, Protocol

from msgspec import Struct

from streams.proof.proofs import base64_lines
from streams.tree.verifier import (
    EMPTY_ROOT,
    HASH_BYTES,
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
    """The text, or whole note, that was last signed under each name: durable, and kept apart from the log, so that no restore undoes it."""

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
        return cls(number(old[4:]), [_hash(each) for each in path], note)


def _hash(line: str) -> bytes:
    found = decoded(line)
    if len(found) != HASH_BYTES:
        raise Unproven(f"a line of the proof does not have {HASH_BYTES} bytes")
    return found


class Witness:
    """Cosigns the checkpoints of known logs, and keeps the last one of each. Any thread may use it."""

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
        signers = self._signers(checkpoint, note)
        if submitted.old > checkpoint.size:
            raise Declined("malformed", "the old size is larger than the checkpoint's")
        before = self._notes.last(_kept(checkpoint.origin))
        self._check_grown(before, checkpoint, submitted)
        cosignature = self._cosign(note.text)
        known = [(each.name, each.id) for each in signers]
        signed = [each for each in note.signatures if (each.name, each.id) in known]
        after = str(Note(note.text, (*signed, cosignature)))
        if not self._notes.replace(_kept(checkpoint.origin), before, after):
            size = self._size(checkpoint.origin)
            raise Declined("other-size", "another checkpoint has been cosigned meanwhile", size)
        return cosignature

    def latest(self, origin_hash: str) -> str | None:
        """Return the last checkpoint that was cosigned of a log, with its signatures and the cosignature, None if none was.

        `origin_hash` is the SHA-256 of the log's origin, in hexadecimal.
        """
        for each in self._logs:
            if sha256(each.name.encode()).hexdigest() == origin_hash:
                return self._notes.last(_kept(each.name))
        return None

    def _signers(self, checkpoint: Checkpoint, note: Note) -> Sequence[Key]:
        keys = [each for each in self._logs if each.name == checkpoint.origin]
        if not keys:
            raise Declined("unknown-log", f"this witness does not know the log {checkpoint.origin}")
        try:
            signers = note.signers(keys)
        except Unproven as error:
            raise Declined("not-signed", str(error)) from error
        if not signers:
            raise Declined("not-signed", f"no known key of {checkpoint.origin} has signed")
        return signers

    def _check_grown(self, before: str | None, new: Checkpoint, submitted: Submission) -> None:
        last = None if before is None else Checkpoint.read(Note.read(before).text)
        size = last.size if last else 0
        if submitted.old != size:
            raise Declined("other-size", f"the last cosigned checkpoint has size {size}", size)
        try:
            check_grown(last, new, submitted.path)
        except Unproven as error:
            raise Declined("not-consistent", str(error), size) from error

    def _size(self, origin: str) -> int:
        last = self._notes.last(_kept(origin))
        return 0 if last is None else Checkpoint.read(Note.read(last).text).size


def _kept(origin: str) -> str:
    """Return the name under which the last cosigned checkpoint of a log is kept."""
    return f"witness {origin}"


def check_grown(last: Checkpoint | None, new: Checkpoint, path: Sequence[bytes]) -> None:
    """Check that a log has only grown since its last checkpoint. Raises Unproven.

    If there is none, or its size is 0, the path must be empty.
    """
    if new.size == 0 and new.root != EMPTY_ROOT:
        raise Unproven("the root at size 0 is not that of the empty tree")
    if last is None or last.size == 0:
        if path:
            raise Unproven("the proof from size 0 must be empty")
        return
    check_consistency(last.size, last.root, new.size, new.root, path)
