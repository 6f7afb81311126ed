"""Whom we let witness our log, and whose logs we witness: a policy file (c2sp.org/tlog-policy), and the client."""

from __future__ import annotations

from pathlib import Path

import httpx
from msgspec import Struct

from streams.checkpoints import AtOtherSize, NotCosigned
from streams.verifier import COSIGNATURE, ED25519, Key, Signature, Unproven, number
from streams.witness import Submission

SECONDS = 3.0
SIZE_TYPE = "text/x.tlog.size"


class PolicyFault(Exception):
    """The policy file cannot be used: what is wrong in which line."""


class Witness(Struct, frozen=True):
    """A witness elsewhere; without `url` its cosignatures are known, but none is asked for."""

    key: Key
    url: str | None

    @property
    def name(self) -> str:
        """What it signs as."""
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
        """Take its own cosignature from what it answered; others may stand there too."""
        text = note.rpartition("\n\n")[0] + "\n"
        for line in lines.removesuffix("\n").split("\n"):
            read = Signature.read(line)
            if (read.name, read.id) == (self.key.name, self.key.id):
                self.key.verify(text, read.signature)
                return read
        raise NotCosigned("its answer has no signature of its own")


class Policy(Struct, frozen=True):
    """The logs that are witnessed here, and the witnesses of this log."""

    logs: tuple[Key, ...] = ()
    witnesses: tuple[Witness, ...] = ()

    @property
    def asked(self) -> tuple[Witness, ...]:
        """The witnesses that checkpoints are submitted to."""
        return tuple(each for each in self.witnesses if each.url)


def read_policy(path: Path | None) -> Policy:
    """Read a policy file: its lines `log` and `witness`; groups and quorums are for who verifies. Raises PolicyFault."""
    if path is None:
        return Policy()
    logs: list[Key] = []
    witnesses: list[Witness] = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise PolicyFault(f"the policy {path} cannot be read: {error}") from error
    for place, line in enumerate(lines, 1):
        try:
            _read_line(line.split(), logs, witnesses)
        except Unproven as error:
            raise PolicyFault(f"{path}, line {place}: {error}") from error
    return Policy(tuple(logs), tuple(witnesses))


def _read_line(words: list[str], logs: list[Key], witnesses: list[Witness]) -> None:
    match words:
        case ["log", key, *_]:
            logs.append(_key(key, ED25519))
        case ["witness", _, key, *url]:
            witnesses.append(Witness(_key(key, COSIGNATURE), url[0].rstrip("/") if url else None))
        case [word, *_] if word not in ("group", "quorum") and not word.startswith("#"):
            raise Unproven(f"no line of a policy begins with {word!r}")


def _key(text: str, kind: int) -> Key:
    key = Key.read(text)
    if key.kind != kind:
        raise Unproven(f"{text!r} is a key of another kind")
    return key
