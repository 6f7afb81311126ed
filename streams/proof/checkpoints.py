"""Checkpoints of the log: made when it has moved, signed only while it has only grown, cosigned by witnesses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from streams.ports import Log
from streams.proof.proofs import Proofs
from streams.proof.witness import Memory, Submission, hold_grown
from streams.tree.verifier import Checkpoint, Note, Signature, Unproven

log = structlog.get_logger()


class Checkpoints(Protocol):
    """Where published checkpoints are kept."""

    def add(self, checkpoint: Checkpoint, note: str) -> None:
        """Publish a checkpoint; one of the same size that is published stays."""

    def latest(self, origin: str) -> str | None:
        """Return the largest that a log has published."""


class AtOtherSize(Exception):
    """The witness has last cosigned a checkpoint of this size."""

    def __init__(self, size: int) -> None:
        super().__init__(f"the witness is at size {size}")
        self.size = size


class NotCosigned(Exception):
    """The witness does not cosign (it is away, or declines), and why."""


class Cosigner(Protocol):
    """A witness elsewhere."""

    @property
    def name(self) -> str:
        """What it signs as."""

    def submit(self, submission: Submission) -> Signature:
        """Have a checkpoint cosigned. Raises AtOtherSize and NotCosigned."""


class Forked(Exception):
    """The log is not what was signed before, grown: nothing is signed until somebody has looked."""


class Checkpointer:
    """Makes the checkpoints of a log. One thread uses it."""

    def __init__(
        self,
        entries: Log,
        origin: str,
        sign: Callable[[str], Sequence[Signature]],
        memory: Memory,
        published: Checkpoints,
        *,
        witnesses: Sequence[Cosigner] = (),
    ) -> None:
        self._log, self._origin, self._sign = entries, origin, sign
        self._memory, self._published, self._witnesses = memory, published, witnesses
        self._proofs = Proofs(entries)
        self._seen = dict.fromkeys((each.name for each in witnesses), 0)

    def step(self) -> int:
        """Publish a checkpoint if the log has moved since the last one; return the last one's size. Raises Forked."""
        tree, latest = self._log.tree(), self._published.latest(self._origin)
        if latest is not None and Checkpoint.read(Note.read(latest).text).size == tree.size:
            return tree.size
        new = Checkpoint(self._origin, tree.size, tree.root)
        before = self._memory.signed(f"log {self._origin}")
        self._hold_grown(before, new)
        if before != str(new) and not self._memory.sign(f"log {self._origin}", before, str(new)):
            return tree.size  # another process is at it
        note = _note(str(new), self._sign(str(new)))
        self._published.add(new, note + "".join(str(each) for each in self._cosigned(new, note)))
        return tree.size

    def _hold_grown(self, before: str | None, new: Checkpoint) -> None:
        last = None if before is None else Checkpoint.read(before)
        if last and last.size > new.size:
            raise Forked(f"a checkpoint of size {last.size} was signed, but the log ends at {new.size}")
        path = self._proofs.consistency(last.size, new.size) if last and last.size else []
        try:
            hold_grown(last, new, path)
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
        """Submit from the size that the witness is thought to be at and, where it is at another, from that."""
        try:
            signature = witness.submit(self._submission(self._seen[witness.name], new, note))
        except AtOtherSize as told:
            if told.size > new.size or told.size == self._seen[witness.name]:
                raise
            signature = witness.submit(self._submission(told.size, new, note))
        self._seen[witness.name] = new.size
        return signature

    def _submission(self, old: int, new: Checkpoint, note: str) -> Submission:
        return Submission(old, self._proofs.consistency(old, new.size) if old else [], note)


def _note(text: str, signatures: Sequence[Signature]) -> str:
    return f"{text}\n{''.join(map(str, signatures))}"
