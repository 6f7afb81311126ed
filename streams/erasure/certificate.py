"""The erasure certificate: what of a person can be read no more, and what stays; signed, and checked offline.

It is a signed note (c2sp.org/signed-note) by the log's key: a line that says what it is, then JSON, with the receipt of
the erasing event in it (docs/erasure.md).
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

Open = Callable[[Sequence[bytes]], list[str | None]]
"""Opens sealed values; None where the key was destroyed."""


class Fields(Struct, frozen=True):
    """Sealed fields of an event; beside those in `found_by` a keyed hash of the value stays."""

    position: int
    type: str
    fields: list[str]
    found_by: list[str]


class Certificate(Struct, frozen=True):
    """What a certificate says; `also` are the person's other numbers, `tags` all that the log calls them by."""

    log: str
    person: str
    also: list[str]
    position: int
    erased_on: str
    unreadable: list[Fields]
    kept: list[Kept]
    readable: list[Fields]
    tags: list[str]
    receipt: str


class NotErased(Exception):
    """The log erases nobody of this number."""


class NotYet(Exception):
    """The erasure is in the log, but not in a checkpoint yet, or the keys are not destroyed yet."""


class Certifier:
    """Makes the text of certificates, from the log and from what its keys still open."""

    def __init__(self, log: Log, codec: Codec, open_batch: Open) -> None:
        self._log, self._codec, self._open = log, codec, open_batch
        self._histories, self._proofs = Histories(log, codec), Proofs(log)

    def text(self, tag: str, note: str) -> str:
        """Return what is to be signed for who bears a tag, under a checkpoint. Raises NotErased and NotYet."""
        history = self._histories.query({tag: erasing_types()})[tag]
        erasing = [(each, found) for each in history if (found := erased(each))]
        if not erasing:
            raise NotErased(f"{tag} was not erased")
        event, found = erasing[-1]
        checkpoint = Checkpoint.read(Note.read(note).text)
        if event.position > checkpoint.size:
            raise NotYet(f"the erasure at position {event.position} is not in a checkpoint yet")
        told = self._told(event, found, checkpoint.origin, note)
        return f"{TITLE}\n{msgspec.json.format(msgspec.json.encode(told), indent=1).decode()}\n"

    def _told(self, event: Event, found: Erased, origin: str, note: str) -> Certificate:
        kind = found.tag.partition(":")[0]
        numbers = numbers_of(self._log, self._codec, found.tag, event.position)
        history = self._history([f"{kind}:{each}" for each in numbers])
        unreadable, readable = self._parted(history, numbers, found)
        stored = self._log.read(event.position - 1, event.position, 1)
        return Certificate(
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

    def _history(self, own: Sequence[str]) -> list[Event]:
        parts = self._histories.query(dict.fromkeys(own, tuple(names())))
        events = {each.position: each for part in parts.values() for each in part}
        return [events[position] for position in sorted(events)]

    def _parted(
        self, history: Sequence[Event], numbers: Sequence[str], found: Erased
    ) -> tuple[list[Fields], list[Fields]]:
        """Return the sealed fields that do not open, and those that do."""
        sealed = [(each, *field) for each in history for field in _sealed(each, numbers)]
        clear = self._open([value for *_, value in sealed])
        if any(text is not None and each[2] in found.gone for each, text in zip(sealed, clear, strict=True)):
            raise NotYet(f"the keys of {found.tag} are not destroyed yet")
        closed = [each for each, text in zip(sealed, clear, strict=True) if text is None]
        opened = [each for each, text in zip(sealed, clear, strict=True) if text is not None]
        return _grouped(closed), _grouped(opened)


_Sealed = tuple[Event, Field, str, bytes]
"""An event, a sealed field of it, its retention class and its value."""


def _sealed(event: Event, numbers: Sequence[str]) -> Iterable[tuple[Field, str, bytes]]:
    """Give the sealed fields of an event that are about one of these numbers."""
    for each in personal_fields(type(event)):
        value = getattr(event, each.name)
        if each.personal and value is not None and getattr(event, each.personal.of) in numbers:
            yield each, each.personal.retention, value


def _grouped(found: Iterable[_Sealed]) -> list[Fields]:
    made: dict[int, Fields] = {}
    for event, field, _, _ in found:
        told = made.setdefault(event.position, Fields(event.position, names()[type(event)], [], []))
        told.fields.append(field.name)
        if field.personal and field.personal.findable:
            told.found_by.append(field.name)
    return list(made.values())


def check(note: str, keys: Sequence[Key], codec: Codec) -> Certificate:
    """Hold a certificate, offline: one of a log's keys has signed it, and the erasure is in that log.

    All witnesses that are given must have cosigned the checkpoint. Raises Unproven.
    """
    read = Note.read(note)
    title, _, body = read.text.partition("\n")
    if title != TITLE:
        raise Unproven(f"this is no {TITLE}")
    try:
        told = msgspec.json.decode(body, type=Certificate)
    except msgspec.DecodeError as error:
        raise Unproven(f"the certificate cannot be read: {error}") from error
    if not any((each.kind, each.name) == (ED25519, told.log) for each in read.signers(keys)):
        raise Unproven(f"no key that was given is one by which {told.log} has signed")
    receipt = open_receipt(told.receipt, keys)
    try:
        event = codec.decode(Stored(receipt.index + 1, receipt.entry))
    except Undecodable as error:
        raise Unproven(f"the entry in the receipt cannot be read: {error}") from error
    found = erased(event)
    proven = (receipt.checkpoint.origin, event.position, found and found.tag, found and list(found.kept))
    if proven != (told.log, told.position, told.person, told.kept):
        raise Unproven(f"the receipt is not that of the erasure of {told.person}")
    return told
