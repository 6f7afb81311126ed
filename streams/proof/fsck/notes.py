"""The checkpoints against the log: what was signed is what the log was, at each size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from streams.proof.fsck.ports import Finding, Published
from streams.tree.verifier import Checkpoint, Key, Note, Unproven, open_checkpoint


def sizes(published: Sequence[Published], others: Iterable[Checkpoint], upto: int) -> list[int]:
    """Return the sizes at which the log's root is wanted."""
    found = {each.size for each in (*(_told(each) for each in published), *others) if each is not None}
    return sorted(each for each in found if 0 <= each <= upto)


def _told(published: Published) -> Checkpoint | None:
    try:
        return Checkpoint.read(Note.read(published.note).text)
    except Unproven:
        return None


def check(
    published: Sequence[Published], keys: Sequence[Key], roots: Mapping[int, bytes], head: int
) -> list[Finding]:
    """Hold the published checkpoints: whose they are, what they say, and every signature on them.

    `roots` has the log's root at their sizes, as far as the log was verified; `head` is where it ends by now.
    """
    findings = []
    for each in published:
        column, sentence = _wrong(each, keys, roots, head)
        if sentence:
            findings.append(Finding("checkpoints", column, f"{each.origin} at {each.size}", sentence))
    return findings


def _wrong(
    published: Published, keys: Sequence[Key], roots: Mapping[int, bytes], head: int
) -> tuple[str, str | None]:
    try:
        checkpoint = signed(published.note, keys)
    except Unproven as error:
        return "note", str(error)
    if checkpoint.origin != published.origin:
        return "origin", f"its note is of {checkpoint.origin}"
    if checkpoint.size != published.size:
        return "size", f"its note is of size {checkpoint.size}"
    return "note", differs(checkpoint, roots, head)


def signed(note: str, keys: Sequence[Key]) -> Checkpoint:
    """Hold every signature of a checkpoint, also those that a client would ignore: here all are known. Raises Unproven."""
    read = Note.read(note)
    known = {(each.name, each.id) for each in keys}
    for each in read.signatures:
        if (each.name, each.id) not in known:
            raise Unproven(f"it has a signature of {each.name}, whose key is not known here")
    return open_checkpoint(note, read.signers(keys))[0]


def differs(checkpoint: Checkpoint, roots: Mapping[int, bytes], head: int) -> str | None:
    """Tell how the log is not what was signed, None where it is, or where it has come to that size only since."""
    if checkpoint.size > head:
        return f"the log ends at {head}: it has been cut short, or is another"
    root = roots.get(checkpoint.size)
    if root is not None and root != checkpoint.root:
        return f"the log had another root at size {checkpoint.size}: something up to there was changed, or it is another"
    return None
