"""The witnesses of our log and the logs that we witness: a policy file (c2sp.org/tlog-policy), and the client."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import httpx
from msgspec import Struct

from streams.proof.checkpoints import AtOtherSize, NotCosigned
from streams.proof.witness import Submission
from streams.tree.verifier import COSIGNATURE, ED25519, Key, Signature, Unproven, number

SECONDS = 3.0
SIZE_TYPE = "text/x.tlog.size"


class PolicyFault(Exception):
    """The policy file is wrong; the sentence says what, and in which line."""


class RemoteWitness(Struct, frozen=True):
    """A witness elsewhere. Without `url`, its cosignatures are accepted but not requested."""

    key: Key
    url: str | None

    @property
    def name(self) -> str:
        """The name with which it signs."""
        return self.key.name

    def submit(self, submission: Submission) -> Signature:
        """Have a checkpoint cosigned. Raises AtOtherSize and NotCosigned."""
        try:
            answer = httpx.post(
                f"{self.url}/add-checkpoint", content=str(submission).encode(), timeout=SECONDS
            )
            if answer.status_code == httpx.codes.CONFLICT and SIZE_TYPE in answer.headers["content-type"]:
                raise AtOtherSize(number(answer.text.removesuffix("\n")))
            if not answer.is_success:
                raise NotCosigned(f"HTTP {answer.status_code}: {answer.text[:200]}")
            return self._own(answer.text, submission.note)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, KeyError, Unproven) as error:
            raise NotCosigned(f"{type(error).__name__}: {error}") from error

    def _own(self, lines: str, note: str) -> Signature:
        """Return its own cosignature from its answer, which may have others, too."""
        text = note.rpartition("\n\n")[0] + "\n"
        for line in lines.removesuffix("\n").split("\n"):
            read = Signature.read(line)
            if (read.name, read.id) == (self.key.name, self.key.id):
                self.key.verify(text, read.signature)
                return read
        raise NotCosigned("its answer has no signature of its own")


class Quorum(Struct, frozen=True):
    """At least `threshold` of the members have to sign."""

    threshold: int
    members: tuple[Key | Quorum, ...]

    def met(self, signers: Collection[Key]) -> bool:
        """Return whether these signers are enough."""
        found = sum(
            each.met(signers) if isinstance(each, Quorum) else each in signers for each in self.members
        )
        return found >= self.threshold


class Policy(Struct, frozen=True):
    """The logs that are witnessed here, the witnesses of this log, and the quorum of them, None if none is required."""

    logs: tuple[Key, ...] = ()
    witnesses: tuple[RemoteWitness, ...] = ()
    quorum: Quorum | None = None

    @property
    def keys(self) -> tuple[Key, ...]:
        """All keys that the policy names."""
        return (*self.logs, *(each.key for each in self.witnesses))

    def enough(self, signers: Collection[Key]) -> bool:
        """Return whether these signers meet the quorum."""
        return self.quorum is None or self.quorum.met(signers)

    @property
    def asked(self) -> tuple[RemoteWitness, ...]:
        """The witnesses that checkpoints are submitted to."""
        return tuple(each for each in self.witnesses if each.url)


class _PolicyReader:
    """A policy while its lines are being read."""

    def __init__(self) -> None:
        self.logs: list[Key] = []
        self.witnesses: list[RemoteWitness] = []
        self.quorum: Quorum | None = None
        self._named: dict[str, Quorum] = {}

    def line(self, words: list[str]) -> None:
        """Read a line. Raises Unproven."""
        match words:
            case ["log", key, *_]:
                self.logs.append(_key(key, ED25519))
            case ["witness", name, key, *url]:
                witness = RemoteWitness(_key(key, COSIGNATURE), url[0].rstrip("/") if url else None)
                self.witnesses.append(witness)
                self._name(name, Quorum(1, (witness.key,)))
            case ["group", name, count, *members] if members:
                found = tuple(map(self._called, members))
                self._name(name, Quorum(_threshold(count, len(found)), found))
            case ["quorum", name]:
                self.quorum = None if name == "none" else self._called(name)
            case [word, *_] if not word.startswith("#"):
                raise Unproven(f"this is not a valid line that begins with {word!r}")

    def _name(self, name: str, quorum: Quorum) -> None:
        if name == "none" or name in self._named:
            raise Unproven(f"the name {name!r} is taken")
        self._named[name] = quorum

    def _called(self, name: str) -> Quorum:
        if name not in self._named:
            raise Unproven(f"{name!r} is not named in a line above")
        return self._named[name]


def _threshold(text: str, members: int) -> int:
    found = {"all": members, "any": 1}.get(text) or number(text)
    if not 1 <= found <= members:
        raise Unproven(f"a group cannot require {text} of {members} members")
    return found


def read_policy(path: Path | None) -> Policy:
    """Read a policy file (c2sp.org/tlog-policy). Raises PolicyFault."""
    if path is None:
        return Policy()
    read = _PolicyReader()
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise PolicyFault(f"the policy {path} cannot be read: {error}") from error
    for place, line in enumerate(lines, 1):
        try:
            read.line(line.split())
        except Unproven as error:
            raise PolicyFault(f"{path}, line {place}: {error}") from error
    return Policy(tuple(read.logs), tuple(read.witnesses), read.quorum)


def _key(text: str, kind: int) -> Key:
    key = Key.read(text)
    if key.kind != kind:
        raise Unproven(f"{text!r} is a key of the wrong kind")
    return key
