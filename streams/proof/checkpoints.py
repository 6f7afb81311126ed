"""Checkpoints: made when the log has moved, signed only if it has only grown since the last one, cosigned by witnesses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from streams.ports import Log
from streams.proof.proofs import Proofs
from streams.proof.witness import SignedNotes, Submission, check_grown
from streams.tree.verifier import Checkpoint, Note, Signature, Unproven

log = structlog.get_logger()


class Checkpoints(Protocol):
    """The published checkpoints."""

    def add(self, checkpoint: Checkpoint, note: str) -> None:
        """Publish a checkpoint, unless one of the same size is published already."""

    def latest(self, origin: str) -> str | None:
        """Return the note of a log's largest published checkpoint, None if there is none."""


class AtOtherSize(Exception):
    """The witness last cosigned a checkpoint of another size, which is this one."""

    def __init__(self, size: int) -> None:
        super().__init__(f"the witness is at size {size}")
        self.size = size


class NotCosigned(Exception):
    """The witness does not cosign: it cannot be reached, or it declines; the message says why."""


class Cosigner(Protocol):
    """A remote witness."""

    @property
    def name(self) -> str:
        """The name that it signs with."""

    def submit(self, submission: Submission) -> Signature:
        """Submit a checkpoint; return its cosignature. Raises AtOtherSize and NotCosigned."""


class Forked(Exception):
    """The log does not continue the one that was signed before: nothing is signed until an operator has looked into it."""


class Checkpointer:
    """Makes the checkpoints of one log. One thread uses it."""

    def __init__(
        self,
        entries: Log,
        origin: str,
        sign: Callable[[str], Sequence[Signature]],
        notes: SignedNotes,
        published: Checkpoints,
        *,
        witnesses: Sequence[Cosigner] = (),
    ) -> None:
        self._log, self._origin, self._sign = entries, origin, sign
        self._notes, self._published, self._witnesses = notes, published, witnesses
        self._proofs = Proofs(entries)
        self._sizes = dict.fromkeys((each.name for each in witnesses), 0)

    def step(self) -> int:
        """Publish a checkpoint if the log has moved since the last one; return the latest one's size. Raises Forked."""
        tree, latest = self._log.tree(), self._published.latest(self._origin)
        if latest is not None and Checkpoint.read(Note.read(latest).text).size == tree.size:
            return tree.size
        new = Checkpoint(self._origin, tree.size, tree.root)
        before = self._notes.last(f"log {self._origin}")
        self._check_grown(before, new)
        if before != str(new) and not self._notes.replace(f"log {self._origin}", before, str(new)):
            return tree.size  # another process is making this checkpoint
        note = _note(str(new), self._sign(str(new)))
        self._published.add(new, note + "".join(str(each) for each in self._cosigned(new, note)))
        return tree.size

    def _check_grown(self, before: str | None, new: Checkpoint) -> None:
        last = None if before is None else Checkpoint.read(before)
        if last and last.size > new.size:
            raise Forked(f"a checkpoint of size {last.size} was signed, but the log ends at {new.size}")
        path = self._proofs.consistency(last.size, new.size) if last and last.size else []
        try:
            check_grown(last, new, path)
        except Unproven as error:
            raise Forked(f"the log is not the one that was signed before: {error}") from error

    def _cosigned(self, new: Checkpoint, note: str) -> list[Signature]:
        found = []
        for each in self._witnesses:
            try:
                found.append(self._submit(each, new, note))
            except (NotCosigned, AtOtherSize) as error:
                log.warning("not-cosigned", witness=each.name, size=new.size, reason=str(error))
        return found

    def _submit(self, witness: Cosigner, new: Checkpoint, note: str) -> Signature:
        """Submit from the size that the witness is believed to be at; if it reports another, submit once more from that."""
        try:
            signature = witness.submit(self._submission(self._sizes[witness.name], new, note))
        except AtOtherSize as other:
            if other.size > new.size or other.size == self._sizes[witness.name]:
                raise
            signature = witness.submit(self._submission(other.size, new, note))
        self._sizes[witness.name] = new.size
        return signature

    def _submission(self, old: int, new: Checkpoint, note: str) -> Submission:
        return Submission(old, self._proofs.consistency(old, new.size) if old else [], note)


def _note(text: str, signatures: Sequence[Signature]) -> str:
    return f"{text}\n{''.join(map(str, signatures))}"
