"""A witness cosigns a log that only grows, and no other; a checkpoint is made by the same rule."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from adapters.keys.signing import Signer
from events.entry import Proposal
from streams.proof.checkpoints import AtOtherSize, Checkpointer, Forked, NotCosigned
from streams.proof.proofs import Proofs
from streams.proof.witness import Declined, Submission, Witness
from streams.tree.verifier import COSIGNATURE, ED25519, Checkpoint, Key, Note, Signature, open_checkpoint
from tests.logs.memory_log import MemoryLog

ORIGIN = "example.org/log"
LOG = Signer(ORIGIN, ED25519, bytes(range(32)))
COSIGNER = Signer("witness.example/w", COSIGNATURE, bytes(range(1, 33)))


class MemoryNotes:
    """The text that was last signed under each name, in memory."""

    def __init__(self) -> None:
        self.notes: dict[str, str] = {}

    def last(self, name: str) -> str | None:
        return self.notes.get(name)

    def replace(self, name: str, before: str | None, after: str) -> bool:
        if self.notes.get(name) != before:
            return False
        self.notes[name] = after
        return True


class Published:
    """Published checkpoints in memory."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.of: dict[str, str] = {}

    def add(self, checkpoint: Checkpoint, note: str) -> None:
        self.notes.append(note)
        self.of[checkpoint.origin] = note

    def latest(self, origin: str) -> str | None:
        return self.of.get(origin)


class Near:
    """A witness that is asked without a network between."""

    def __init__(self, witness: Witness, *, away: bool = False) -> None:
        self.witness, self.away, self.asked = witness, away, list[int]()
        self.name = COSIGNER.key.name

    def submit(self, submission: Submission) -> Signature:
        if self.away:
            raise NotCosigned("it is away")
        self.asked.append(submission.old)
        try:
            return self.witness.add(str(submission))
        except Declined as declined:
            if declined.reason == "other-size":
                raise AtOtherSize(declined.size) from declined
            raise NotCosigned(str(declined)) from declined


def fill(log: MemoryLog, count: int, data: bytes = b"") -> None:
    first = log.head()
    log.append([Proposal("s", str(n), "x", n, ("a",), data) for n in range(first, first + count)])


def grown(*counts: int, data: bytes = b"") -> MemoryLog:
    log = MemoryLog(clock=lambda: 5)
    for count in counts:
        fill(log, count, data)
    return log


def witness(memory: MemoryNotes | None = None, logs: Sequence[Key] = (LOG.key,)) -> Witness:
    return Witness(memory or MemoryNotes(), lambda text: COSIGNER.sign(text, 1_700_000_000), logs)


def note(log: MemoryLog, origin: str = ORIGIN, signer: Signer = LOG) -> str:
    tree = log.tree()
    text = str(Checkpoint(origin, tree.size, tree.root))
    return f"{text}\n{signer.sign(text)}"


def submission(log: MemoryLog, old: int) -> Submission:
    path = Proofs(log).consistency(old, log.head()) if old else []
    return Submission(old, path, note(log))


def declined(asked: Witness, body: Submission | str) -> tuple[str, int]:
    with pytest.raises(Declined) as caught:
        asked.add(str(body))
    return caught.value.reason, caught.value.size


def test_a_log_that_grows_is_cosigned() -> None:
    asked, log, old = witness(), grown(), 0
    for count in (0, 1, 0, 6, 300):
        if count:
            fill(log, count)
        cosigned = note(log) + str(asked.add(str(submission(log, old))))
        checkpoint, signers = open_checkpoint(cosigned, [LOG.key, COSIGNER.key])
        assert (checkpoint.size, signers) == (log.head(), [LOG.key, COSIGNER.key])
        old = log.head()


def test_what_is_submitted_is_read_as_it_was_written() -> None:
    told = submission(grown(70, 30), 70)
    assert Submission.read(str(told)) == told


def test_what_was_cosigned_outlives_the_witness() -> None:
    memory, log = MemoryNotes(), grown(10)
    witness(memory).add(str(submission(log, 0)))
    fill(log, 5)
    assert declined(witness(memory), submission(log, 0)) == ("other-size", 10)
    witness(memory).add(str(submission(log, 10)))


@pytest.mark.parametrize(
    "body",
    [
        "",
        "old 1\n",
        "old 01\n\n" + note(grown(1)),
        "new 0\n\n" + note(grown(1)),
        "old 0\nAAAA=\n\n" + note(grown(1)),
        "old 0\n" + "AAAA\n" * 64 + "\n" + note(grown(1)),
        "old 0\n\n" + note(grown(1)).replace("\n1\n", "\n01\n"),
        "old 0\n\n" + note(grown(1)).partition("\n\n")[0],
        "old 2\n\n" + note(grown(1)),
    ],
)
def test_what_is_malformed(body: str) -> None:
    assert declined(witness(), body)[0] == "malformed"


def test_an_unknown_log_and_an_unknown_key() -> None:
    log, other = grown(3), Signer(ORIGIN, ED25519, bytes(32))
    assert declined(witness(), Submission(0, [], note(log, "example.org/other")))[0] == "unknown-log"
    assert declined(witness(logs=()), submission(log, 0))[0] == "unknown-log"
    assert declined(witness(), Submission(0, [], note(log, signer=other)))[0] == "not-signed"
    broken = note(log).replace("\n3\n", "\n4\n")
    assert declined(witness(), Submission(0, [], broken))[0] == "not-signed"
    witness(logs=(other.key, LOG.key)).add(str(submission(log, 0)))


def test_the_proof_from_nothing_is_empty() -> None:
    log = grown(3)
    assert declined(witness(), Submission(0, Proofs(log).consistency(1, 3), note(log)))[0] == "not-consistent"
    empty = witness()
    empty.add(str(submission(grown(), 0)))
    assert declined(empty, Submission(0, [bytes(32)], note(log)))[0] == "not-consistent"
    empty.add(str(submission(log, 0)))


def test_a_fork_is_not_cosigned() -> None:
    """A log that was restored from an old backup and has grown differently since."""
    asked, log = witness(), grown(20, 30)
    asked.add(str(submission(log, 0)))
    restored = grown(20)
    assert declined(asked, submission(restored, 20)) == ("other-size", 50)
    fill(restored, 30, b"other")
    assert declined(asked, submission(restored, 50)) == ("not-consistent", 50)
    fill(restored, 7, b"other")
    assert declined(asked, submission(restored, 50)) == ("not-consistent", 50)
    assert (
        declined(asked, Submission(50, Proofs(log).consistency(50, 50), note(restored)))[0]
        == "not-consistent"
    )
    fill(log, 7)
    asked.add(str(submission(log, 50)))


def test_two_submissions_at_once_do_not_undo_each_other() -> None:
    memory, log = MemoryNotes(), grown(10)
    slow = witness(memory)
    told = submission(log, 0)
    fill(log, 5)
    quicker = note(log)

    class Racing(MemoryNotes):
        def replace(self, name: str, before: str | None, after: str) -> bool:
            memory.notes[name] = quicker
            return memory.replace(name, before, after)

    slow._notes = Racing()
    slow._notes.notes = memory.notes
    assert declined(slow, told) == ("other-size", 15)


def checkpointer(
    log: MemoryLog, memory: MemoryNotes, published: Published, witnesses: Sequence[Near] = ()
) -> Checkpointer:
    return Checkpointer(log, ORIGIN, lambda text: [LOG.sign(text)], memory, published, witnesses=witnesses)


def test_a_checkpoint_is_made_when_the_log_has_moved() -> None:
    log, published = grown(), Published()
    maker = checkpointer(log, MemoryNotes(), published)
    assert [maker.step(), maker.step()] == [0, 0]
    fill(log, 3)
    assert [maker.step(), maker.step()] == [3, 3]
    fill(log, 300)
    assert maker.step() == 303
    found = [open_checkpoint(each, [LOG.key])[0] for each in published.notes]
    assert [each.size for each in found] == [0, 3, 303]
    assert found[-1].root == log.tree().root


def test_a_checkpoint_that_was_signed_and_not_published_is_published() -> None:
    log, memory, published = grown(3), MemoryNotes(), Published()
    checkpointer(log, memory, Published()).step()
    checkpointer(log, memory, published).step()
    assert open_checkpoint(published.notes[0], [LOG.key])[0].size == 3


def test_a_fork_is_not_signed() -> None:
    memory, published = MemoryNotes(), Published()
    checkpointer(grown(20, 30), memory, published).step()
    for restored in (grown(20), grown(50, data=b"other"), grown(57, data=b"other")):
        with pytest.raises(Forked):
            checkpointer(restored, memory, Published()).step()
    assert len(published.notes) == 1
    assert checkpointer(grown(20, 30, 7), memory, published).step() == 57


def test_witnesses_cosign_from_wherever_they_are() -> None:
    log, published, memory = grown(5), Published(), MemoryNotes()
    near = Near(witness(memory))
    maker = checkpointer(log, MemoryNotes(), published, [near])
    maker.step()
    fill(log, 5)
    maker.step()
    fill(log, 5)
    again = checkpointer(log, MemoryNotes(), published, [near])
    again.step()
    assert near.asked == [0, 5, 0, 10]
    for each in published.notes:
        open_checkpoint(each, [LOG.key, COSIGNER.key])


def test_a_checkpoint_is_published_without_who_is_away_or_declines() -> None:
    log, published = grown(5), Published()
    ahead = witness()
    ahead.add(str(submission(grown(9), 0)))
    witnesses = [Near(witness(), away=True), Near(ahead), Near(witness(logs=()))]
    checkpointer(log, MemoryNotes(), published, witnesses).step()
    assert [each.name for each in Note.read(published.notes[0]).signatures] == [ORIGIN]
