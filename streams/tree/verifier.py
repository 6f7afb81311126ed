"""The verifier: checks what a transparency log claims. An auditor can read it: it imports nothing of ours.

Trees are those of RFC 6962, section 2.1, over SHA-256; their checks follow RFC 9162, sections 2.1.3.2 and 2.1.4.2.
Checkpoints, signed notes, cosignatures and receipts are those of c2sp.org: tlog-checkpoint, signed-note,
tlog-cosignature and tlog-proof. Every check that fails raises `Unproven` with a sentence that says why.

Standing alone it needs Python 3.11 or newer and `cryptography`, and nothing else:

    python verifier.py FILE --key VKEY [--key VKEY]...           a receipt, or a checkpoint
    python verifier.py NEW OLD PROOF --key VKEY [--key VKEY]...  that a log has only grown between two checkpoints
"""

from __future__ import annotations

import json
import sys
from base64 import b64decode, b64encode
from binascii import Error as BadBase64
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import takewhile
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HASH_BYTES = 32
ED25519, COSIGNATURE = 0x01, 0x04
"""The types of signature: a log's over the note, and a witness's over the note and a time."""

PROOF = "c2sp.org/tlog-proof@v1"
EMPTY_ROOT = sha256().digest()
_MOST_DIGITS = 19
"""Decimal digits of 2^63 - 1: a bound before Python parses what may be very long."""


class Unproven(Exception):
    """A check has failed; the message says which, in a sentence."""


# Hashes and paths


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf: of an entry as it is stored."""
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return sha256(b"\1" + left + right).digest()


def check_inclusion(index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf with this hash is at `index`, from 0, of the tree of `size` leaves with this root."""
    if not 0 <= index < size:
        raise Unproven(f"a tree of {size} leaves has none with index {index}")
    _check_lengths(leaf, root, *path)
    found = leaf
    for each, on_left in _walk(index, size - 1, path):
        found = node_hash(each, found) if on_left else node_hash(found, each)
    if found != root:
        raise Unproven(f"the tree of {size} leaves does not have this entry at index {index}")


def check_consistency(old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> None:
    """Check that the tree of `new` leaves begins with the tree of `old` leaves, of which there is at least one."""
    if not 0 < old <= new:
        raise Unproven(f"no proof leads from a tree of {old} leaves to one of {new}")
    _check_lengths(old_root, new_root, *path)
    node, last = old - 1, new - 1
    while node & 1 or node == last > 0:
        node, last = node >> 1, last >> 1
    # If the old tree is a subtree of the new one, or all of it, its root is known and not in the path.
    steps = list(path) if node else [old_root, *path]
    if not steps:
        raise Unproven("the proof is too short")
    found_old = found_new = steps[0]
    for each, on_left in _walk(node, last, steps[1:]):
        found_old = node_hash(each, found_old) if on_left else found_old
        found_new = node_hash(each, found_new) if on_left else node_hash(found_new, each)
    if (found_old, found_new) != (old_root, new_root):
        raise Unproven(f"the tree of {new} leaves does not begin with that of {old}")


def _check_lengths(*hashes: bytes) -> None:
    """Check that these are hashes: bytes of another length could be cut elsewhere, and make the same nodes."""
    if any(len(each) != HASH_BYTES for each in hashes):
        raise Unproven(f"a hash does not have {HASH_BYTES} bytes")


def _walk(node: int, last: int, path: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield the siblings on the way from a node to the root, each with whether it is on the left."""
    for each in path:
        if last == 0:
            raise Unproven("the proof is too long")
        on_left = bool(node & 1) or node == last
        yield each, on_left
        while on_left and node and not node & 1:
            node, last = node >> 1, last >> 1
        node, last = node >> 1, last >> 1
    if last:
        raise Unproven("the proof is too short")


# Signed notes


@dataclass(frozen=True)
class Key:
    """A verifier key, written `name+id+key`: the signer's name, the key's id, its type and the public key."""

    name: str
    id: bytes
    kind: int
    public: bytes

    @classmethod
    def of(cls, name: str, kind: int, public: bytes) -> Key:
        """Return a key; its id is computed from the rest."""
        return cls(name, sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4], kind, public)

    @classmethod
    def read(cls, text: str) -> Key:
        """Parse a written key."""
        name, _, rest = text.strip().partition("+")
        number, _, encoded = rest.partition("+")
        material = decoded(encoded)
        if not _is_name(name):
            raise Unproven(f"{text.strip()!r} is not a verifier key")
        key = cls.of(name, material[0] if material else 0, material[1:])
        if key.id.hex() != number:
            raise Unproven(f"{text.strip()!r} is not a verifier key")
        if key.kind not in (ED25519, COSIGNATURE) or len(key.public) != HASH_BYTES:
            raise Unproven(f"the verifier key {name}+{number} is of an unknown type")
        return key

    def __str__(self) -> str:
        """Return the key as it is written."""
        return f"{self.name}+{self.id.hex()}+{b64encode(bytes([self.kind]) + self.public).decode()}"

    def message(self, text: str, signature: bytes) -> tuple[bytes, bytes]:
        """Return the Ed25519 signature in a note's signature, and the message that it signs."""
        if self.kind == ED25519:
            return signature, text.encode()
        time = int.from_bytes(signature[:8], "big")
        return signature[8:], f"cosignature/v1\ntime {time}\n{text}".encode()

    def verify(self, text: str, signature: bytes) -> None:
        """Check that a signature of a note's text is by this key."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(*self.message(text, signature))
        except (InvalidSignature, ValueError) as error:
            raise Unproven(f"the signature of {self.name} does not verify") from error


@dataclass(frozen=True)
class Signature:
    """A signature line of a note: the claimed signer, the id of the key, and the signature."""

    name: str
    id: bytes
    signature: bytes

    @classmethod
    def read(cls, line: str) -> Signature:
        """Parse a signature line."""
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        raw = decoded(encoded)
        if dash != "—" or not _is_name(name) or len(raw) <= 4:  # noqa: PLR2004 - a key's id has 4 bytes
            raise Unproven(f"{line!r} is not a signature line")
        return cls(name, raw[:4], raw[4:])

    def __str__(self) -> str:
        """Return the line as it is written."""
        return f"— {self.name} {b64encode(self.id + self.signature).decode()}\n"


@dataclass(frozen=True)
class Note:
    """A signed note: its text, and its signatures, not verified."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def read(cls, note: str) -> Note:
        """Parse a note without verifying it."""
        text, blank, lines = note.rpartition("\n\n")
        if not blank or not lines.endswith("\n") or any(each < " " and each != "\n" for each in note):
            raise Unproven("this is not a signed note")
        return cls(text + "\n", tuple(map(Signature.read, lines[:-1].split("\n"))))

    def __str__(self) -> str:
        """Return the note as it is written."""
        return f"{self.text}\n{''.join(map(str, self.signatures))}"

    def signers(self, keys: Iterable[Key]) -> list[Key]:
        """Return those of the keys that have signed; raise Unproven if a signature claims one of them falsely."""
        found = []
        for key in keys:
            claimed = [
                each.signature for each in self.signatures if (each.name, each.id) == (key.name, key.id)
            ]
            for each in claimed:
                key.verify(self.text, each)
            found += [key] if claimed else []
        return found


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint: the log of this origin had this root at this size."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def read(cls, text: str) -> Checkpoint:
        """Parse the text of a note."""
        origin, size, root, *more = [*text.split("\n"), "", ""]
        found = cls(origin, number(size), decoded(root))
        if not origin or len(found.root) != HASH_BYTES or "" in more[:-3]:
            raise Unproven("this is not a checkpoint")
        return found

    def __str__(self) -> str:
        """Return the text of the note."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


Enough = Callable[[Sequence[Key]], bool]
"""Decides whether these signers include enough of the given witnesses."""


def open_checkpoint(
    note: str, keys: Sequence[Key], enough: Enough | None = None
) -> tuple[Checkpoint, list[Key]]:
    """Verify a checkpoint: its log must have signed it, and every given witness, unless `enough` accepts fewer.

    Return it with its signers. One of a log's keys suffices: it may have had several, one after the other.
    """
    read = Note.read(note)
    checkpoint, signers = Checkpoint.read(read.text), read.signers(keys)
    if not any((each.kind, each.name) == (ED25519, checkpoint.origin) for each in signers):
        raise Unproven(f"no key that was given is one that {shown(checkpoint.origin)} has signed with")
    for each in keys if enough is None else ():
        if each.kind == COSIGNATURE and each not in signers:
            raise Unproven(f"the witness {each.name} has not cosigned")
    if enough is not None and not enough(signers):
        raise Unproven("not enough witnesses have cosigned")
    return checkpoint, signers


def open_grown(new: str, old: str, proof: str, keys: Sequence[Key]) -> tuple[Checkpoint, Checkpoint]:
    """Verify two checkpoints, and that the log of the newer one begins with that of the older; return both.

    The proof is JSON whose `path` has the hashes of RFC 6962, section 2.1.2, in hex.
    """
    (later, _), (first, _) = open_checkpoint(new, keys), open_checkpoint(old, keys)
    if first.origin != later.origin:
        raise Unproven(f"{shown(first.origin)} and {shown(later.origin)} are different logs")
    try:
        written = json.loads(proof)["path"]
        path = [bytes.fromhex(each) for each in written]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Unproven("this is not a proof of consistency") from error
    if [each.hex() for each in path] != written:
        raise Unproven("this is not a proof of consistency")
    check_consistency(first.size, first.root, later.size, later.root, path)
    return later, first


# Receipts


@dataclass(frozen=True)
class Receipt:
    """What a receipt proves: the entry is at this index of the checkpoint's log."""

    index: int
    entry: bytes
    checkpoint: Checkpoint
    signers: tuple[Key, ...]

    def __str__(self) -> str:
        """Return it as a line of text."""
        signers = ", ".join(f"{each.name}+{each.id.hex()}" for each in self.signers)
        place = f"position {self.index + 1} of {self.checkpoint.origin} at size {self.checkpoint.size}"
        return f"{place}, sha256 {sha256(self.entry).hexdigest()}, signed by {signers}"


def open_receipt(
    text: str, keys: Sequence[Key], entry: bytes | None = None, enough: Enough | None = None
) -> Receipt:
    """Verify a receipt; it has its entry as extra data, unless the entry is given."""
    head, blank, note = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or lines.pop(0) != PROOF or not lines:
        raise Unproven(f"this is not a {PROOF}")
    extra = decoded(lines.pop(0)[6:]) if lines[0].startswith("extra ") else None
    if not lines or not lines[0].startswith("index "):
        raise Unproven("the receipt has no index")
    index, path = number(lines[0][6:]), [decoded(each) for each in lines[1:]]
    found = extra if entry is None else entry
    if found is None:
        raise Unproven("the receipt does not include its entry: pass it as well")
    checkpoint, signers = open_checkpoint(note, keys, enough)
    check_inclusion(index, checkpoint.size, leaf_hash(found), path, checkpoint.root)
    return Receipt(index, found, checkpoint, tuple(signers))


def open_receipts(
    text: str, keys: Sequence[Key], entry: bytes | None = None, enough: Enough | None = None
) -> list[Receipt]:
    """Verify a receipt, or that of a row: JSON whose `receipts` are those of the events that made the row."""
    if not text.lstrip().startswith("{"):
        return [open_receipt(text, keys, entry, enough)]
    try:
        found = json.loads(text)["receipts"]
    except (ValueError, KeyError, RecursionError) as error:
        raise Unproven("this is not a receipt") from error
    if not (isinstance(found, list) and found and all(isinstance(each, str) for each in found)):
        raise Unproven("this is not a receipt, or one without events")
    return [open_receipt(each, keys, enough=enough) for each in found]


# Text


def number(text: str) -> int:
    """Parse a decimal number in its only accepted spelling; no log has more than 2^63 entries."""
    if (
        not (text.isascii() and text.isdigit())
        or (text[0] == "0" and text != "0")
        or len(text) > _MOST_DIGITS
    ):
        raise Unproven(f"{text[:100]!r} is not a number")
    return int(text)


def decoded(text: str) -> bytes:
    """Decode Base64 in its only accepted spelling."""
    try:
        found = b64decode(text, validate=True)
    except (BadBase64, ValueError) as error:
        raise Unproven(f"{text!r} is not Base64") from error
    if b64encode(found).decode() != text:
        raise Unproven(f"{text!r} is not canonical Base64")
    return found


def from_bytes(raw: bytes) -> str:
    """Decode text as it is, line ends included: what is signed are bytes."""
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise Unproven(f"byte {error.start} is not UTF-8") from error


def shown(text: str) -> str:
    """Return a name as it is, and anything that could be taken for more than a name in quotes and escaped."""
    return text if _is_name(text) else repr(text)


def _is_name(name: str) -> bool:
    # Spaces other than the ASCII one are not printable, nor is what steers terminals or the direction of text.
    return bool(name) and name.isprintable() and not {"+", " "} & {*name}


def main(arguments: Sequence[str]) -> int:
    """Verify what is in files; the exit status is 1 if a check fails."""
    files = [*takewhile(lambda each: each != "--key", arguments)]
    try:
        keys = [Key.read(each) for each in arguments[len(files) :] if each != "--key"]
        found = _verified([from_bytes(Path(each).read_bytes()) for each in files], keys)
    except (Unproven, OSError) as error:
        sys.stderr.write(f"{' '.join(files)}: {error}\n")
        return 1
    sys.stdout.writelines(f"{each}\n" for each in found)
    return 0


def _verified(texts: Sequence[str], keys: Sequence[Key]) -> list[str]:
    match texts:
        case [new, old, proof]:
            later, first = open_grown(new, old, proof, keys)
            return [f"{later.origin} has only grown from size {first.size} to {later.size}"]
        case [text] if text.startswith(PROOF) or text.lstrip().startswith("{"):
            return [str(each) for each in open_receipts(text, keys)]
        case [text]:
            checkpoint, signers = open_checkpoint(text, keys)
            place = f"{checkpoint.origin} at size {checkpoint.size}, root {checkpoint.root.hex()}"
            return [f"{place}, signed by {', '.join(f'{each.name}+{each.id.hex()}' for each in signers)}"]
    raise Unproven("give a receipt or a checkpoint; or two checkpoints, the newer one first, and a proof")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
