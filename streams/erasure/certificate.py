"""The erasure certificate: which of a person's data is unreadable and what remains; signed, and checked offline.

It is a signed note (c2sp.org/signed-note) by the log's key: a title line, then JSON that includes the receipt of the
erasing event (docs/erasure.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec
from msgspec import Struct

from events.catalogue import names
from events.clock import day
from events.contract import Field, personal_fields, tags
from events.entry import Stored
from events.erasing import Erased, Kept, erased, erasing_types
from events.event import Event
from streams.erasure.eraser import numbers_of
from streams.history.histories import Histories
from streams.ports import Codec, Log, Undecodable
from streams.proof.proofs import Proofs
from streams.tree.verifier import ED25519, Checkpoint, Key, Note, Unproven, open_receipt

TITLE = "pujiang-erasure-certificate/v1"
"""The first line of the note: it keeps a note of another kind by the same key from passing as a certificate."""

OpenSealed = Callable[[Sequence[bytes]], list[str | None]]
"""Opens sealed values; returns None for a value whose key was destroyed."""


class SealedFields(Struct, frozen=True):
    """Sealed fields of an event."""

    position: int
    type: str
    fields: list[str]


class ErasureCertificate(Struct, frozen=True):
    """What a certificate states; `also` are the person's other numbers as tags, `tags` all tags of the events that carry them."""

    log: str
    person: str
    also: list[str]
    position: int
    erased_on: str
    unreadable: list[SealedFields]
    kept: list[Kept]
    readable: list[SealedFields]
    tags: list[str]
    receipt: str


class NotErased(Exception):
    """The log has no erasure of this person."""


class ErasurePending(Exception):
    """The erasure is in the log, but no checkpoint covers it yet, or the keys are not destroyed yet."""


class Certifier:
    """Writes the text of certificates, from the log and by trying which sealed values still open."""

    def __init__(self, log: Log, codec: Codec, open_batch: OpenSealed) -> None:
        self._log, self._codec, self._open = log, codec, open_batch
        self._histories, self._proofs = Histories(log, codec), Proofs(log)

    def text(self, tag: str, note: str) -> str:
        """Return the text to sign for the person with this tag; `note` is a checkpoint. Raises NotErased and ErasurePending."""
        history = self._histories.query({tag: erasing_types()})[tag]
        erasing = [(each, found) for each in history if (found := erased(each))]
        if not erasing:
            raise NotErased(f"{tag} was not erased")
        event, found = erasing[-1]
        checkpoint = Checkpoint.read(Note.read(note).text)
        if event.position > checkpoint.size:
            raise ErasurePending(f"the erasure at position {event.position} is not in a checkpoint yet")
        certificate = self._certificate(event, found, checkpoint.origin, note)
        return f"{TITLE}\n{msgspec.json.format(msgspec.json.encode(certificate), indent=1).decode()}\n"

    def _certificate(self, event: Event, found: Erased, origin: str, note: str) -> ErasureCertificate:
        kind = found.tag.partition(":")[0]
        numbers = numbers_of(self._log, self._codec, found.tag, event.position)
        history = self._history([f"{kind}:{each}" for each in numbers])
        unreadable, readable = self._try_opening(history, numbers, found)
        stored = self._log.read(event.position - 1, event.position, 1)
        return ErasureCertificate(
            log=origin,
            person=found.tag,
            also=[f"{kind}:{each}" for each in numbers[1:]],
            position=event.position,
            erased_on=day(event.recorded_at),
            unreadable=unreadable,
            kept=list(found.kept),
            readable=readable,
            tags=sorted({tag for each in history for tag in tags(each)}),
            receipt=self._proofs.receipts(stored, note)[0],
        )

    def _history(self, tags_: Sequence[str]) -> list[Event]:
        parts = self._histories.query(dict.fromkeys(tags_, tuple(names())))
        events = {each.position: each for part in parts.values() for each in part}
        return [events[position] for position in sorted(events)]

    def _try_opening(
        self, history: Sequence[Event], numbers: Sequence[str], found: Erased
    ) -> tuple[list[SealedFields], list[SealedFields]]:
        """Try to open the sealed fields of a history; return those that do not open, and those that do."""
        sealed = [(each, *field) for each in history for field in _sealed(each, numbers)]
        clear = self._open([value for *_, value in sealed])
        if any(text is not None and each[2] in found.gone for each, text in zip(sealed, clear, strict=True)):
            raise ErasurePending(f"the keys of {found.tag} are not destroyed yet")
        closed = [each for each, text in zip(sealed, clear, strict=True) if text is None]
        opened = [each for each, text in zip(sealed, clear, strict=True) if text is not None]
        return _grouped(closed), _grouped(opened)


_SealedValue = tuple[Event, Field, str, bytes]
"""An event, one of its sealed fields, and that field's retention class and value."""


def _sealed(event: Event, numbers: Sequence[str]) -> Iterable[tuple[Field, str, bytes]]:
    """Yield the sealed fields of an event that are about one of these numbers."""
    for each in personal_fields(type(event)):
        value = getattr(event, each.name)
        if each.personal and value is not None and getattr(event, each.personal.of) in numbers:
            yield each, each.personal.retention, value


def _grouped(found: Iterable[_SealedValue]) -> list[SealedFields]:
    made: dict[int, SealedFields] = {}
    for event, field, _, _ in found:
        own = made.setdefault(event.position, SealedFields(event.position, names()[type(event)], []))
        own.fields.append(field.name)
    return list(made.values())


def check(note: str, keys: Sequence[Key], codec: Codec) -> ErasureCertificate:
    """Check a certificate offline: a key of its log has signed it, and the erasure is in that log; return what it states.

    All witnesses among the keys must have cosigned the checkpoint. Raises Unproven.
    """
    read = Note.read(note)
    title, _, body = read.text.partition("\n")
    if title != TITLE:
        raise Unproven(f"this is not a {TITLE}")
    try:
        stated = msgspec.json.decode(body, type=ErasureCertificate)
    except msgspec.DecodeError as error:
        raise Unproven(f"the certificate cannot be read: {error}") from error
    if not any((each.kind, each.name) == (ED25519, stated.log) for each in read.signers(keys)):
        raise Unproven(f"no key that was given is one that {stated.log} has signed with")
    receipt = open_receipt(stated.receipt, keys)
    try:
        event = codec.decode(Stored(receipt.index + 1, receipt.entry))
    except Undecodable as error:
        raise Unproven(f"the entry in the receipt cannot be decoded: {error}") from error
    found = erased(event)
    proven = (receipt.checkpoint.origin, event.position, found and found.tag, found and list(found.kept))
    if proven != (stated.log, stated.position, stated.person, stated.kept):
        raise Unproven(f"the receipt does not prove the stated erasure of {stated.person}")
    return stated
