"""State in the log itself what the read models have folded and what they hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec
from msgspec import Struct

from events.audit import (
    Applied,
    ContractsPublished,
    KeyHeld,
    KeyReleased,
    PublishedContract,
    QuarantineRetried,
    ReadModelsApplied,
    ReadModelsRebuilt,
    ReleaseTaken,
    Version,
)
from events.catalogue import by_name, names
from events.entry import key, parse
from events.event import Event, Statement
from projections.read_model import ReadModel
from streams.history.version import contracts_digest, digest, rules_digest
from streams.ports import Codec, Log, Selection
from streams.proof.bundle.contracts import NamedContract
from streams.proof.contracts import statements
from streams.publish.request import IdentityConflict, Refusal, Request

SOURCE = "urn:pujiang"
"""The source of all statements."""
SHORT = 16
"""Hexadecimal digits stated of a read model's digest: 64 bits, enough to identify its code beyond doubt."""
PAGE = 100
"""Entries read at once when looking back; as a rule the first few are enough."""
CONTRACTS = 200
"""Contracts stated together: some 20 KiB of the 64 that an entry can have."""

_CAUSE = re.compile(r"([A-Za-z_][A-Za-z0-9_.]{0,99}):")


class OutboxNote(Struct, frozen=True):
    """A change to a read model that is still to be stated; notes of one `transaction` belong together."""

    id: str
    transaction: int
    made_at: int
    kind: str
    model: str
    digest: str
    tag: int | None
    position: int | None
    details: dict[str, Any]


class FoldedRange(Struct, frozen=True):
    """The range that a read model has folded without a gap up to its position; None if it was never noted."""

    digest: str
    after: int | None
    upto: int | None


class Outbox(Protocol):
    """What is still to be stated of the read models of one database. Used by one thread."""

    def mine(self) -> bool:
        """Report whether this process alone may state, and keep all others from it if so."""

    def read(self) -> tuple[Sequence[OutboxNote], Mapping[str, FoldedRange]]:
        """Return the notes, in order, and what each read model has folded, as of one moment."""

    def settle(self, notes: Iterable[str]) -> None:
        """Delete notes, by id, that have been stated."""


class NotStated(Exception):
    """The log has refused a statement: a fault, since nobody else makes statements."""


class Accountant:
    """Makes the statements, through the publishing path that all events take. Used by one thread.

    Idempotent: a statement repeated after a crash gets the verdict `repeated`.
    """

    def __init__(
        self,
        log: Log,
        codec: Codec,
        outbox: Outbox,
        publish: Callable[[Request], Request],
        release: ReleaseTaken,
        *,
        contracts: Iterable[NamedContract] = (),
    ) -> None:
        self._log, self._codec, self._outbox = log, codec, outbox
        self._publish, self._release, self._contracts = publish, release, list(contracts)

    def release(self, now: int) -> bool:
        """State the software in use and its contracts, as far as the log does not have them; report whether it had not.

        Nothing is stated in an empty log.
        """
        if not self._outbox.mine() or not self._log.head():
            return False
        last = self._last(ReleaseTaken)
        new = not last or _content(last) != _content(self._release)
        if new:
            self._state(self._release, f"release/{last.position if last else 0}", now)
        return self._state_contracts(now) or new

    def _state_contracts(self, now: int) -> bool:
        """State the contracts of which nothing has been stated; report whether there were any.

        One of which something else has been stated is not stated again: the checks find it.
        """
        if not self._contracts:
            return False
        told = [each for _, stated in statements(self._log, self._log.head()) for each in stated]
        new = [each for each in self._contracts if not any(each.like(other.contract) for other in told)]
        for start in range(0, len(new), CONTRACTS):
            last = self._last(ContractsPublished)
            some = [
                PublishedContract(each.name, each.number, each.digest)
                for each in new[start : start + CONTRACTS]
            ]
            event = ContractsPublished(release=self._release.release, contracts=some)
            self._state(event, f"contracts/{last.position if last else 0}", now)
        self._contracts.clear()
        return bool(new)

    def notes(self) -> int:
        """State all notes; return how many there were."""
        if not self._outbox.mine():
            return 0
        notes, _ = self._outbox.read()
        if notes:
            self.release(notes[0].made_at)
        together: dict[int, list[OutboxNote]] = {}
        for note in notes:
            together.setdefault(note.transaction, []).append(note)
        for each in together.values():
            for event, id_ in self._statements(each):
                self._state(event, id_, each[0].made_at)
            self._outbox.settle(note.id for note in each)
        return len(notes)

    def ranges(self, now: int, least_micros: int) -> bool:
        """State what read models have folded, if the last statement of it is at least this long ago.

        Nothing is stated if nothing but statements was folded. Report whether a statement was made.
        """
        if not self._outbox.mine():
            return False
        last = self._last(ReadModelsApplied)
        if last and now - last.recorded_at < least_micros:
            return False
        known = standing(self._log, self._codec)
        notes, folded = self._outbox.read()
        ranges = [_range(name, each, known.get(name, 0)) for name, each in sorted(folded.items())]
        moved = [each for each in ranges if each.after < each.upto]
        if (
            notes
            or not moved
            or not self._worth(min(each.after for each in moved), max(each.upto for each in moved))
        ):
            return False
        self.release(now)
        event = ReadModelsApplied(release=self._release.release, ranges=ranges)
        self._state(event, f"applied/{last.position if last else 0}", now)
        return True

    def _worth(self, after: int, upto: int) -> bool:
        """Report whether anything but statements lies in a range."""
        own = {name for name, cls in by_name().items() if issubclass(cls, Statement)}
        while batch := self._log.read(after, upto, PAGE):
            if any(parse(each.entry).type not in own for each in batch):
                return True
            after = batch[-1].position
        return False

    def _statements(self, notes: Sequence[OutboxNote]) -> Iterable[tuple[Event, str]]:
        """Yield the statements for the notes of one transaction, each with its id."""
        rebuilt = [each for each in notes if each.kind == "rebuilt"]
        if rebuilt:
            ranges = [Applied(each.model, each.digest[:SHORT], 0, each.position or 0) for each in rebuilt]
            yield ReadModelsRebuilt(release=self._release.release, ranges=ranges), f"rebuilt/{rebuilt[0].id}"
        for note in notes:
            if note.kind != "rebuilt":
                yield _of_quarantine(note), f"{note.kind}/{note.id}"

    def _state(self, event: Event, id_: str, at: int) -> None:
        event = msgspec.structs.replace(event, id=id_, source=SOURCE, occurred_at=at)
        request = self._publish(Request([event], [self._codec.propose(event)]))
        (verdict,) = request.verdicts
        if isinstance(verdict, Refusal | IdentityConflict):
            raise NotStated(f"{names()[type(event)]} {id_}: {verdict}")

    def _last(self, cls: type[Any]) -> Any:
        """Return the last statement of a type, None if there is none."""
        found = self._log.select(Selection(types=(key(names()[cls]),), limit=1, backwards=True))
        return self._codec.decode(found[0]) if found else None


def release(version: str, models: Iterable[ReadModel[Any]]) -> ReleaseTaken:
    """Return the statement about this software."""
    return ReleaseTaken(
        release=version,
        contracts=contracts_digest(),
        rules=rules_digest(),
        models=[Version(each.name, digest(each)[:SHORT]) for each in models],
    )


def standing(log: Log, codec: Codec) -> Mapping[str, int]:
    """Return the stated position of each read model, from the last statement about all and rebuilds after it."""
    types = tuple(key(names()[each]) for each in (ReadModelsApplied, ReadModelsRebuilt))
    found: dict[str, int] = {}
    upto: int | None = None
    while batch := log.select(Selection(types=types, upto=upto, limit=PAGE, backwards=True)):
        for event in codec.decode_all(batch):
            if isinstance(event, ReadModelsApplied | ReadModelsRebuilt):
                for each in event.ranges:
                    found.setdefault(each.model, each.upto)
            if isinstance(event, ReadModelsApplied):
                return found
        upto = batch[-1].position - 1
    return found


def cause(reason: str) -> str:
    """Return what may be stated about why an event is held: the kind of error, but not its message."""
    found = _CAUSE.match(reason)
    return found[1] if found else "unknown"


def tag_key(tag: int) -> str:
    """Return the key of a tag in the form in which it is stated."""
    return f"{tag % 2**64:016x}"


def _range(model: str, folded: FoldedRange, known: int) -> Applied:
    """Return the range to state of a read model: it begins where the last statement ended or, after a gap, later."""
    digest = folded.digest[:SHORT]
    if folded.after is None or folded.upto is None or folded.upto <= known:
        return Applied(model, digest, known, known)
    return Applied(model, digest, max(folded.after, known), folded.upto)


def _of_quarantine(note: OutboxNote) -> Event:
    digest, key_, at = note.digest[:SHORT], tag_key(note.tag or 0), note.position or 0
    match note.kind:
        case "held":
            tag, type_, why = (note.details[name] for name in ("tag", "type", "cause"))
            return KeyHeld(
                model=note.model, digest=digest, key=key_, tag=tag, at=at, event_type=type_, cause=why
            )
        case "released":
            return KeyReleased(model=note.model, digest=digest, key=key_, at=at)
    return QuarantineRetried(
        model=note.model,
        digest=digest,
        released=note.details["released"],
        still_held=note.details["still_held"],
    )


def _content(event: ReleaseTaken) -> tuple[Any, ...]:
    return (
        event.release,
        event.contracts,
        event.rules,
        sorted((each.model, each.digest) for each in event.models),
    )
