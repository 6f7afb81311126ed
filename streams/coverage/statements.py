"""Accountable coverage: what read models have folded, and hold back, is stated in the log itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec
from msgspec import Struct

from events.audit import (
    Applied,
    KeyHeld,
    KeyReleased,
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
from streams.publish.request import Clash, Refusal, Request

SOURCE = "urn:pujiang"
SHORT = 16
"""So many hexadecimal digits of a read model's digest are stated: they name its code beyond any doubt."""
PAGE = 100

_CAUSE = re.compile(r"([A-Za-z_][A-Za-z0-9_.]{0,99}):")


class Note(Struct, frozen=True):
    """Something that happened to a read model and is yet to be stated; notes of one `transaction` came at once."""

    id: str
    transaction: int
    made_at: int
    kind: str
    model: str
    digest: str
    tag: int | None
    position: int | None
    told: dict[str, Any]


class Stretch(Struct, frozen=True):
    """What a read model has folded without a gap, to get to where it is; None where that was never noted."""

    digest: str
    after: int | None
    upto: int | None


class Accounts(Protocol):
    """What is to be stated, of one database. One thread uses it."""

    def mine(self) -> bool:
        """Tell whether nobody else accounts for this database, and keep all others from it."""

    def taken(self) -> tuple[Sequence[Note], Mapping[str, Stretch]]:
        """Return the notes, in order, and how far each read model is, as of one moment."""

    def settle(self, notes: Iterable[str]) -> None:
        """Take away notes that are stated in the log."""


class NotStated(Exception):
    """A statement was not taken into the log: a fault, for nobody else makes such statements."""


class Accountant:
    """States what is to be stated, through the publishing path that all events take. One thread uses it.

    What is stated again, after a death between the append and what follows it, is told as seen before.
    """

    def __init__(
        self,
        log: Log,
        codec: Codec,
        accounts: Accounts,
        publish: Callable[[Request], Request],
        release: ReleaseTaken,
    ) -> None:
        self._log, self._codec, self._accounts = log, codec, accounts
        self._publish, self._release = publish, release

    def release(self, now: int) -> bool:
        """State the software in use, where the log has anything and was told of another one; tell whether it was."""
        if not self._accounts.mine() or not self._log.head():
            return False
        last = self._last(ReleaseTaken)
        if last and _content(last) == _content(self._release):
            return False
        self._state(self._release, f"release/{last.position if last else 0}", now)
        return True

    def notes(self) -> int:
        """State what was noted; return how many notes there were."""
        if not self._accounts.mine():
            return 0
        notes, _ = self._accounts.taken()
        if notes:
            self.release(notes[0].made_at)
        together: dict[int, list[Note]] = {}
        for note in notes:
            together.setdefault(note.transaction, []).append(note)
        for each in together.values():
            for event, id_ in self._statements(each):
                self._state(event, id_, each[0].made_at)
            self._accounts.settle(note.id for note in each)
        return len(notes)

    def ranges(self, now: int, least_micros: int) -> bool:
        """State what read models have folded since the last statement, if that is so long ago.

        There is none where nothing but statements was folded. Tells whether there was one.
        """
        if not self._accounts.mine():
            return False
        last = self._last(ReadModelsApplied)
        if last and now - last.recorded_at < least_micros:
            return False
        known = standing(self._log, self._codec)
        notes, stretches = self._accounts.taken()
        ranges = [_range(name, each, known.get(name, 0)) for name, each in sorted(stretches.items())]
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
        """Tell whether anything but statements lies in a range."""
        own = {name for name, cls in by_name().items() if issubclass(cls, Statement)}
        while batch := self._log.read(after, upto, PAGE):
            if any(parse(each.entry).type not in own for each in batch):
                return True
            after = batch[-1].position
        return False

    def _statements(self, notes: Sequence[Note]) -> Iterable[tuple[Event, str]]:
        """Give the events that the notes of one transaction become, each with its id."""
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
        if isinstance(verdict, Refusal | Clash):
            raise NotStated(f"{names()[type(event)]} {id_}: {verdict}")

    def _last(self, cls: type[Any]) -> Any:
        """Return the last statement of a type, None where there is none."""
        found = self._log.select(Selection(types=(key(names()[cls]),), limit=1, backwards=True))
        return self._codec.decode(found[0]) if found else None


def release(version: str, models: Iterable[ReadModel[Any]]) -> ReleaseTaken:
    """Return what is to be stated of this software."""
    return ReleaseTaken(
        release=version,
        contracts=contracts_digest(),
        rules=rules_digest(),
        models=[Version(each.name, digest(each)[:SHORT]) for each in models],
    )


def standing(log: Log, codec: Codec) -> Mapping[str, int]:
    """Return up to where each read model was stated to be: the last statement tells it of all, rebuilds of some."""
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
    """Return what may be stated of why an event is held: the kind of error, and nothing that it says."""
    found = _CAUSE.match(reason)
    return found[1] if found else "unknown"


def tag_key(tag: int) -> str:
    """Return the index key of a tag as it is stated."""
    return f"{tag % 2**64:016x}"


def _range(model: str, stretch: Stretch, known: int) -> Applied:
    """Return what is to be stated of a read model: from where the last statement has ended, or, after a gap, later."""
    digest = stretch.digest[:SHORT]
    if stretch.after is None or stretch.upto is None or stretch.upto <= known:
        return Applied(model, digest, known, known)
    return Applied(model, digest, max(stretch.after, known), stretch.upto)


def _of_quarantine(note: Note) -> Event:
    digest, key_, at = note.digest[:SHORT], tag_key(note.tag or 0), note.position or 0
    match note.kind:
        case "held":
            tag, type_, why = (note.told[name] for name in ("tag", "type", "cause"))
            return KeyHeld(
                model=note.model, digest=digest, key=key_, tag=tag, at=at, event_type=type_, cause=why
            )
        case "released":
            return KeyReleased(model=note.model, digest=digest, key=key_, at=at)
    return QuarantineRetried(
        model=note.model,
        digest=digest,
        released=note.told["released"],
        still_held=note.told["still_held"],
    )


def _content(event: ReleaseTaken) -> tuple[Any, ...]:
    return (
        event.release,
        event.contracts,
        event.rules,
        sorted((each.model, each.digest) for each in event.models),
    )
