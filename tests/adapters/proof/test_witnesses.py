"""The policy file, and a witness that is asked over HTTP and answers whatever it likes."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from adapters.keys.signing import Signer
from adapters.proof.witnesses import Policy, PolicyFault, RemoteWitness, read_policy
from streams.proof.checkpoints import AtOtherSize, NotCosigned
from streams.proof.witness import Submission
from streams.tree.verifier import COSIGNATURE, ED25519, Checkpoint

LOG, COSIGNER, OTHER = (
    Signer("example.org/log", ED25519, bytes(32)),
    Signer("w.example/w", COSIGNATURE, bytes(range(32))),
    Signer("w.example/other", COSIGNATURE, bytes(range(1, 33))),
)
TEXT = str(Checkpoint("example.org/log", 3, bytes(32)))
SUBMISSION = Submission(1, [bytes(32)], f"{TEXT}\n{LOG.sign(TEXT)}")


def policy(tmp_path: Path, text: str) -> Policy:
    file = tmp_path / "policy"
    file.write_text(text, encoding="utf-8")
    return read_policy(file)


def test_no_policy() -> None:
    assert read_policy(None) == Policy()


def test_logs_and_witnesses(tmp_path: Path) -> None:
    told = f"""
    # who is who
    log {LOG.key} https://log.example
    witness W {COSIGNER.key} https://w.example/
    witness silent\t{OTHER.key}
    group all 2 W silent
    quorum all
    """
    found = policy(tmp_path, told)
    assert found.logs == (LOG.key,)
    assert found.witnesses == (
        RemoteWitness(COSIGNER.key, "https://w.example"),
        RemoteWitness(OTHER.key, None),
    )
    assert found.asked == (RemoteWitness(COSIGNER.key, "https://w.example"),)


@pytest.mark.parametrize(
    "line, sentence",
    [
        ("log nonsense", "line 2: 'nonsense' is not a verifier key"),
        (f"log {COSIGNER.key}", "line 2: .* is a key of the wrong kind"),
        (f"witness W {LOG.key}", "line 2: .* is a key of the wrong kind"),
        ("logs x", "line 2: this is not a valid line that begins with 'logs'"),
        ("group g any", "line 2: this is not a valid line that begins with 'group'"),
        ("group g any W", "line 2: 'W' is not named in a line above"),
        (f"witness none {COSIGNER.key}", "line 2: the name 'none' is taken"),
        (f"witness W {COSIGNER.key}\nwitness W {OTHER.key}", "line 3: the name 'W' is taken"),
        (f"witness W {COSIGNER.key}\ngroup g 2 W", "line 3: a group cannot require 2 of 1 members"),
        (f"witness W {COSIGNER.key}\ngroup g some W", "line 3: 'some' is not a number"),
        ("quorum W", "line 2: 'W' is not named in a line above"),
        ("log", "line 2: this is not a valid line that begins with 'log'"),
    ],
)
def test_a_faulty_line_is_named(tmp_path: Path, line: str, sentence: str) -> None:
    with pytest.raises(PolicyFault, match=sentence):
        policy(tmp_path, f"quorum none\n{line}\n")


@pytest.mark.parametrize(
    "quorum, one, other, both",
    [
        ("quorum A", True, False, True),
        ("group g any A B\nquorum g", True, True, True),
        ("group g all A B\nquorum g", False, False, True),
        ("group g 1 A\ngroup h 2 g B\nquorum h", False, False, True),
    ],
)
def test_which_witnesses_are_enough(tmp_path: Path, quorum: str, one: bool, other: bool, both: bool) -> None:  # noqa: FBT001 - what is expected of each
    found = policy(tmp_path, f"witness A {COSIGNER.key}\nwitness B {OTHER.key}\n{quorum}\n").quorum
    assert found is not None
    keys = [COSIGNER.key, OTHER.key]
    assert [found.met(each) for each in ([], keys[:1], keys[1:], keys)] == [False, one, other, both]


def test_no_quorum(tmp_path: Path) -> None:
    assert policy(tmp_path, f"witness A {COSIGNER.key}\nquorum none\n").quorum is None


class Answer:
    """What the witness answers, and what it was asked."""

    status, body, kind = 200, b"", "text/plain"
    asked = b""


@pytest.fixture
def answer() -> Iterator[tuple[Answer, RemoteWitness]]:
    told = Answer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.asked = self.path.encode() + b" " + self.rfile.read(int(self.headers["content-length"]))
            self.send_response(told.status)
            self.send_header("content-type", told.kind)
            self.send_header("content-length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield told, RemoteWitness(COSIGNER.key, f"http://127.0.0.1:{server.server_port}/prefix")
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_cosignature_is_taken(answer: tuple[Answer, RemoteWitness]) -> None:
    told, witness = answer
    told.body = f"{OTHER.sign(TEXT, 5)}{COSIGNER.sign(TEXT, 6)}".encode()
    assert witness.submit(SUBMISSION) == COSIGNER.sign(TEXT, 6)
    assert told.asked == b"/prefix/add-checkpoint " + str(SUBMISSION).encode()


def test_another_size_is_told(answer: tuple[Answer, RemoteWitness]) -> None:
    told, witness = answer
    told.status, told.body, told.kind = 409, b"17\n", "text/x.tlog.size"
    with pytest.raises(AtOtherSize) as caught:
        witness.submit(SUBMISSION)
    assert caught.value.size == 17


@pytest.mark.parametrize(
    "status, body, kind",
    [
        (403, b"no", "text/plain"),
        (409, b"no", "text/plain"),
        (409, b"x\n", "text/x.tlog.size"),
        (200, b"", "text/plain"),
        (200, b"nonsense\n", "text/plain"),
        (200, str(OTHER.sign(TEXT, 5)).encode(), "text/plain"),
        (200, str(COSIGNER.sign("other\n", 5)).encode(), "text/plain"),
    ],
)
def test_whatever_else_is_no_cosignature(
    answer: tuple[Answer, RemoteWitness], status: int, body: bytes, kind: str
) -> None:
    told, witness = answer
    told.status, told.body, told.kind = status, body, kind
    with pytest.raises(NotCosigned):
        witness.submit(SUBMISSION)


def test_a_witness_that_is_away() -> None:
    with pytest.raises(NotCosigned):
        RemoteWitness(COSIGNER.key, "http://127.0.0.1:1").submit(SUBMISSION)
