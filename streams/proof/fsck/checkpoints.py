"""The check of published checkpoints: at each signed size the log had the signed root."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from streams.proof.fsck.ports import Finding, PublishedCheckpoint
from streams.tree.verifier import Checkpoint, Key, Note, Unproven, open_checkpoint


def sizes(published: Sequence[PublishedCheckpoint], others: Iterable[Checkpoint], upto: int) -> list[int]:
    """Return the sizes at which checkpoints state the log's root, up to a size."""
    found = {each.size for each in (*(_checkpoint(each) for each in published), *others) if each is not None}
    return sorted(each for each in found if 0 <= each <= upto)


def _checkpoint(published: PublishedCheckpoint) -> Checkpoint | None:
    try:
        return Checkpoint.read(Note.read(published.note).text)
    except Unproven:
        return None


def check(
    published: Sequence[PublishedCheckpoint], keys: Sequence[Key], roots: Mapping[int, bytes], head: int
) -> list[Finding]:
    """Check the published checkpoints: their columns, their roots, and every signature on them.

    `roots` has the log's root at their sizes, as far as the log was verified; `head` is the log's last position now.
    """
    findings = []
    for each in published:
        column, sentence = _fault(each, keys, roots, head)
        if sentence:
            findings.append(Finding("checkpoints", column, f"{each.origin} at {each.size}", sentence))
    return findings


def _fault(
    published: PublishedCheckpoint, keys: Sequence[Key], roots: Mapping[int, bytes], head: int
) -> tuple[str, str | None]:
    try:
        checkpoint = open_fully(published.note, keys)
    except Unproven as error:
        return "note", str(error)
    if checkpoint.origin != published.origin:
        return "origin", f"the note is of {checkpoint.origin}"
    if checkpoint.size != published.size:
        return "size", f"the note is of size {checkpoint.size}"
    return "note", difference(checkpoint, roots, head)


def open_fully(note: str, keys: Sequence[Key]) -> Checkpoint:
    """Verify a checkpoint with every signature on it, even those by keys that a client would ignore. Raises Unproven."""
    read = Note.read(note)
    known = {(each.name, each.id) for each in keys}
    for each in read.signatures:
        if (each.name, each.id) not in known:
            raise Unproven(f"the note has a signature of {each.name} by an unknown key")
    return open_checkpoint(note, read.signers(keys))[0]


def difference(checkpoint: Checkpoint, roots: Mapping[int, bytes], head: int) -> str | None:
    """Return how the log differs from a checkpoint; None if it does not, or reached that size only after it was verified."""
    if checkpoint.size > head:
        return f"the log ends at {head}: it was cut short, or it is another log"
    root = roots.get(checkpoint.size)
    if root is not None and root != checkpoint.root:
        return f"the log had another root at size {checkpoint.size}: an entry up to there was changed, or it is another log"
    return None
