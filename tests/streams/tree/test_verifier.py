"""Notes, keys and receipts, against what others have published; and that whatever was changed does not hold."""

from __future__ import annotations

import ast
import json
import random
import tomllib
from base64 import b64decode, b64encode
from pathlib import Path

import pytest

from adapters.keys.signing import Signer
from events.entry import Proposal
from streams.proof.proofs import Proofs
from streams.tree.verifier import (
    COSIGNATURE,
    ED25519,
    Checkpoint,
    Key,
    Note,
    Unproven,
    check_consistency,
    check_inclusion,
    main,
    node_hash,
    number,
    open_checkpoint,
    open_grown,
    open_receipt,
    open_receipts,
    shown,
)
from tests.logs.memory_log import MemoryLog

ROOT = Path(__file__).parents[3]

# Of golang.org/x/mod/sumdb/note, where the format comes from.
GO_SEED = b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""
# Of c2sp.org/signed-note.
SPEC_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPEC_NOTE = """This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
"""

ORIGIN = "example.org/log"
LOG = Signer(ORIGIN, ED25519, bytes(range(32)))
WITNESS = Signer("witness.example/w", COSIGNATURE, bytes(range(1, 33)))
KEYS = [LOG.key, WITNESS.key]


def checkpoint(log: MemoryLog, *signers: Signer) -> str:
    tree = log.tree()
    text = str(Checkpoint(ORIGIN, tree.size, tree.root))
    return f"{text}\n" + "".join(str(each.sign(text, 1_700_000_000)) for each in signers or (LOG, WITNESS))


@pytest.fixture
def log() -> MemoryLog:
    log = MemoryLog(clock=lambda: 5)
    log.append([Proposal("s", str(n), "x", n, ("a",), b"data %d" % n) for n in range(300)])
    return log


def receipt(log: MemoryLog, position: int) -> str:
    (found,) = Proofs(log).receipts(log.read(position - 1, position), checkpoint(log))
    return found


@pytest.mark.parametrize("key, note", [(GO_KEY, GO_NOTE), (SPEC_KEY, SPEC_NOTE)])
def test_published_notes(key: str, note: str) -> None:
    read, found = Key.read(key), Note.read(note)
    assert str(read) == key
    assert found.signers([read]) == [read]
    assert f"{found.text}\n{found.signatures[0]}" == note


def test_our_signature_is_the_published_one() -> None:
    signer = Signer("PeterNeumann", ED25519, GO_SEED)
    text = Note.read(GO_NOTE).text
    assert str(signer.key) == GO_KEY
    assert f"{text}\n{signer.sign(text)}" == GO_NOTE


@pytest.mark.parametrize(
    "key, sentence",
    [
        ("", "is not a verifier key"),
        ("name+00000000+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "is not a verifier key"),
        (GO_KEY.replace("c74f", "C74F"), "is not a verifier key"),
        (GO_KEY.replace("Peter", "Peter "), "is not a verifier key"),
        (GO_KEY + "=", "is not (canonical )?Base64"),
        (GO_KEY.replace("Peter", "Peter\udcff"), "is not a verifier key"),
        (GO_KEY.replace("Peter", "Peter\u2028"), "is not a verifier key"),
        (str(Key.of("name", 2, bytes(32))), "is of an unknown type"),
        (str(Key.of("name", 1, bytes(31))), "is of an unknown type"),
    ],
)
def test_what_is_no_key(key: str, sentence: str) -> None:
    with pytest.raises(Unproven, match=sentence):
        Key.read(key)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text\n",
        "text\n\n",
        GO_NOTE[:-1],
        GO_NOTE + "\n",
        GO_NOTE.replace("you", "y\tou"),
        GO_NOTE.replace("—", "-"),
        GO_NOTE.replace("PeterNeumann x", "PeterNeumann  x"),
        GO_NOTE.replace("PeterNeumann x", "Peter+Neumann x"),
        GO_NOTE.replace("nAM=", "nAN="),
        GO_NOTE.replace("PeterNeumann x", "PeterNeumann\u202e x"),
        GO_NOTE.replace("PeterNeumann x", "PeterNeumann\x9b x"),
        GO_NOTE.replace("\n", "\r\n"),
    ],
)
def test_what_is_no_note(note: str) -> None:
    with pytest.raises(Unproven, match=r"is not (a signed note|a signature line|canonical Base64|Base64)"):
        Note.read(note)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n1\n",
        "\n1\n" + b64encode(bytes(32)).decode() + "\n",
        "origin\n01\n" + b64encode(bytes(32)).decode() + "\n",
        "origin\n-1\n" + b64encode(bytes(32)).decode() + "\n",
        "origin\n1\n" + b64encode(bytes(31)).decode() + "\n",
        "origin\n1\n" + b64encode(bytes(32)).decode() + "\n\nmore\n",
    ],
)
def test_what_is_no_checkpoint(text: str) -> None:
    with pytest.raises(Unproven):
        Checkpoint.read(text)


def test_a_checkpoint_may_say_more() -> None:
    text = str(Checkpoint(ORIGIN, 7, bytes(32)))
    assert (
        Checkpoint.read(text + "more\nand more\n")
        == Checkpoint.read(text)
        == Checkpoint(ORIGIN, 7, bytes(32))
    )


def test_who_must_have_signed(log: MemoryLog) -> None:
    found, signers = open_checkpoint(checkpoint(log), KEYS)
    assert (found.origin, found.size, found.root) == (ORIGIN, 300, log.tree().root)
    assert signers == KEYS
    assert open_checkpoint(checkpoint(log), [LOG.key])[1] == [LOG.key]
    other = Signer(ORIGIN, ED25519, bytes(32)).key
    assert open_checkpoint(checkpoint(log), [other, LOG.key])[1] == [LOG.key]
    with pytest.raises(Unproven, match="no key that was given"):
        open_checkpoint(checkpoint(log), [other, WITNESS.key])
    with pytest.raises(Unproven, match=r"the witness witness\.example/w has not cosigned"):
        open_checkpoint(checkpoint(log, LOG), KEYS)


def test_fewer_witnesses_may_be_enough(log: MemoryLog) -> None:
    note = checkpoint(log, LOG)
    assert open_checkpoint(note, KEYS, lambda _: True)[1] == [LOG.key]
    with pytest.raises(Unproven, match="not enough witnesses have cosigned"):
        open_checkpoint(note, KEYS, lambda signers: WITNESS.key in signers)
    assert open_receipt(receipt(log, 3), KEYS, enough=lambda signers: WITNESS.key in signers).index == 2
    with pytest.raises(Unproven, match="no key that was given"):
        open_checkpoint(note, [WITNESS.key], lambda _: True)


def test_a_receipt_holds(log: MemoryLog) -> None:
    for stored in (*log.read(0, 2), *log.read(255, 258), *log.read(299)):
        found = open_receipt(receipt(log, stored.position), KEYS)
        assert (found.index, found.entry) == (stored.position - 1, stored.entry)
        assert found.signers == tuple(KEYS)


def test_an_entry_may_come_apart(log: MemoryLog) -> None:
    (stored,) = log.read(6, 7)
    apart = "\n".join(line for line in receipt(log, 7).split("\n") if not line.startswith("extra "))
    assert open_receipt(apart, KEYS, stored.entry).index == 6
    with pytest.raises(Unproven, match="does not include its entry"):
        open_receipt(apart, KEYS)
    with pytest.raises(Unproven, match="does not have this entry at index 6"):
        open_receipt(apart, KEYS, log.read(7, 8)[0].entry)


def test_a_receipt_of_another_tree_does_not_hold(log: MemoryLog) -> None:
    told = receipt(log, 7)
    log.append([Proposal("s", "300", "x", 300, ("a",), b"")])
    later = told.partition("\n\n")[0] + "\n\n" + checkpoint(log)
    with pytest.raises(Unproven):
        open_receipt(later, KEYS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"a": ' + "[" * 100_000,
        "c2sp.org/tlog-proof@v2\nindex 1\n\n",
        "{",
        '{"receipts": 1}',
        '{"receipts": []}',
    ],
)
def test_what_is_no_receipt(text: str) -> None:
    with pytest.raises(Unproven, match="this is not a"):
        open_receipts(text, KEYS)


@pytest.mark.parametrize("text", ["", "-1", "+1", "01", "1.0", "٣", " 1", "9" * 20, "9" * 5000])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(Unproven, match="is not a number"):
        number(text)


def test_any_changed_byte_of_a_receipt_is_found(log: MemoryLog) -> None:
    chance, told = random.Random(4), receipt(log, 200).encode()
    for _ in range(3000):
        at, bit = chance.randrange(len(told)), 1 << chance.randrange(8)
        changed = told[:at] + bytes([told[at] ^ bit]) + told[at + 1 :]
        with pytest.raises((Unproven, UnicodeDecodeError)):
            open_receipt(changed.decode(), KEYS)


@pytest.mark.parametrize(
    "old, new", [(b"\n", b"\r\n"), (b"witness.example", b"w\xfftness.example"), (b"", b"\xef\xbb\xbf")]
)
def test_a_file_is_verified_as_the_bytes_that_it_has(
    log: MemoryLog, tmp_path: Path, capsys: pytest.CaptureFixture[str], old: bytes, new: bytes
) -> None:
    for name, text in (("receipt", receipt(log, 7)), ("note", checkpoint(log))):
        (tmp_path / name).write_bytes(text.encode().replace(old, new, -1 if old else 1))
        assert main([str(tmp_path / name), "--key", str(LOG.key), "--key", str(WITNESS.key)]) == 1
        said = capsys.readouterr()
        assert (said.out, said.err.count("\n")) == ("", 1)


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_hashes_have_their_length(size: int) -> None:
    other, one = bytes(size), bytes(32)
    for leaf, path, root in ((other, [one], one), (one, [other], one), (one, [one], other)):
        with pytest.raises(Unproven, match="a hash does not have 32 bytes"):
            check_inclusion(0, 2, leaf, path, root)
        with pytest.raises(Unproven, match="a hash does not have 32 bytes"):
            check_consistency(1, leaf, 2, root, path)
    # Without the check, bytes of a node that are cut elsewhere lead to the same root.
    left, right = bytes(range(32)), bytes(range(32, 64))
    with pytest.raises(Unproven, match="a hash does not have 32 bytes"):
        check_inclusion(0, 2, left + right[:1], [right[1:]], node_hash(left, right))


@pytest.mark.parametrize(
    "text, seen",
    [
        ("example.org/log", "example.org/log"),
        ("市/日志", "市/日志"),
        ("log, signed by x", "'log, signed by x'"),
        ("a\nb", r"'a\nb'"),
        ("\x1b[2K", r"'\x1b[2K'"),
        ("\u202e", r"'\u202e'"),
        ("", "''"),
    ],
)
def test_what_could_be_taken_for_more_than_a_name_is_quoted(text: str, seen: str) -> None:
    assert shown(text) == seen


def test_the_oldest_python_of_an_auditor_is_the_one_that_is_stated() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "requires-python"
    ]
    assert wanted == ">=3.11"
    for each in (ROOT / "streams/tree/verifier.py", *(ROOT / "streams/proof/bundle").glob("*.py")):
        ast.parse(each.read_text(encoding="utf-8"), feature_version=(3, 11))
    for told in (
        "streams/tree/verifier.py",
        "streams/proof/bundle/__main__.py",
        "docs/audit.md",
        "docs/proof.md",
    ):
        assert "Python 3.11 or newer and `cryptography`" in (ROOT / told).read_text(encoding="utf-8"), told


def test_the_verifier_stands_alone(
    log: MemoryLog, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path_factory.mktemp("receipt") / "event.tlog-proof"
    file.write_text(receipt(log, 7), encoding="utf-8")
    assert main([str(file), "--key", str(LOG.key), "--key", str(WITNESS.key)]) == 0
    assert f"position 7 of {ORIGIN} at size 300" in capsys.readouterr().out
    assert main([str(file), "--key", GO_KEY]) == 1
    assert "no key that was given" in capsys.readouterr().err


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = main([*arguments, "--key", str(LOG.key)])
    found = capsys.readouterr()
    return status, found.out + found.err


def test_a_checkpoint_that_was_kept_is_held_against_a_later_one(
    log: MemoryLog, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new, proof = (tmp_path / name for name in ("old", "new", "proof"))
    old.write_text(checkpoint(log), encoding="utf-8")
    assert told(capsys, str(old)) == (
        0,
        f"{ORIGIN} at size 300, root {log.tree().root.hex()}, signed by {ORIGIN}+{LOG.key.id.hex()}\n",
    )
    log.append([Proposal("s", "301", "x", 301, ("a",), b"more")])
    new.write_text(checkpoint(log), encoding="utf-8")
    proof.write_text(json.dumps({"path": [each.hex() for each in Proofs(log).consistency(300, 301)]}))
    three = (str(new), str(old), str(proof))
    assert told(capsys, *three) == (0, f"{ORIGIN} has only grown from size 300 to 301\n")
    status, sentence = told(capsys, str(old), str(new), str(proof))
    assert (status, "no proof leads from a tree of 301 leaves to one of 300" in sentence) == (1, True)
    other = Signer("other.example/log", ED25519, bytes(range(32)))
    text = str(Checkpoint("other.example/log", 300, bytes(32)))
    with pytest.raises(Unproven, match="are different logs"):
        open_grown(new.read_text(), f"{text}\n{other.sign(text)}", "{}", [LOG.key, other.key])
    for broken in (
        '{"path": ["AB"]}',
        '{"path": ' + "[" * 100_000,
        "{",
        "{}",
        '{"path": 1}',
        '{"path": ["x"]}',
        '{"path": []}',
        json.dumps({"path": ["00" * 32]}),
    ):
        proof.write_text(broken)
        assert told(capsys, *three)[0] == 1
    assert told(capsys, str(new), str(old))[0] == 1
    assert "No such file" in told(capsys, str(tmp_path / "none"))[1]
