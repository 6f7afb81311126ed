"""Check, from the statements in the log alone, that no read model has skipped anything."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from events.audit import Applied, KeyHeld, KeyReleased, ReadModelsApplied, ReadModelsRebuilt
from events.catalogue import names
from events.entry import key
from events.event import Event
from streams.history.decoding import BrokenEntry, decode
from streams.ports import Codec, Log
from streams.project.bulk import OnProgress, silent

STATED = (ReadModelsApplied, ReadModelsRebuilt, KeyHeld, KeyReleased)
"""The statements that coverage is folded from."""


class CoveredRange(Struct):
    """The positions after < position <= upto, folded by the code with this digest; in a gap, by none."""

    after: int
    upto: int
    digest: str = ""


class OpenHold(Struct, frozen=True):
    """A key that is held from a position on, and the kind of error that caused it."""

    key: str
    tag: str | None
    at: int
    cause: str


class Coverage(Struct):
    """What a read model has stated to have folded, in ranges and by which code; `gaps` lie between the ranges."""

    model: str
    folded: list[CoveredRange] = []
    gaps: list[CoveredRange] = []
    held: dict[str, OpenHold] = {}

    @property
    def upto(self) -> int:
        """The last position that was stated."""
        return self.folded[-1].upto if self.folded else 0

    def applied(self, stated: Applied) -> None:
        """Add a range; positions between the last one and this one are a gap."""
        if stated.upto <= self.upto:
            return
        if stated.after > self.upto:
            self.gaps.append(CoveredRange(self.upto, stated.after))
        if self.folded and self.folded[-1].digest == stated.digest and self.upto == stated.after:
            self.folded[-1].upto = stated.upto
        else:
            self.folded.append(CoveredRange(stated.after, stated.upto, stated.digest))

    def rebuilt(self, stated: Applied) -> None:
        """Start over: everything up to here was folded by one code."""
        self.folded, self.gaps = [CoveredRange(stated.after, stated.upto, stated.digest)], []


class Unread(Exception):
    """An entry of the log that may be a statement cannot be read, so coverage cannot be judged."""


def coverage(log: Log, codec: Codec, progress: OnProgress = silent) -> dict[str, Coverage]:
    """Return the coverage of each read model, by name, from all statements in the log. Raises Unread."""
    found: dict[str, Coverage] = {}
    upto = log.head()
    for event in _statements(log, codec, upto, progress):
        match event:
            case ReadModelsApplied():
                for each in event.ranges:
                    _of(found, each.model).applied(each)
            case ReadModelsRebuilt():
                for each in event.ranges:
                    _of(found, each.model).rebuilt(each)
            case KeyHeld():
                held = OpenHold(event.key, event.tag, event.at, event.cause)
                _of(found, event.model).held[event.key] = held
            case KeyReleased():
                _of(found, event.model).held.pop(event.key, None)
    return found


def _statements(log: Log, codec: Codec, upto: int, progress: OnProgress) -> Iterator[Event]:
    for batch in log.tail(0, upto, [key(names()[each]) for each in STATED]):
        for item in decode(codec, batch):
            if isinstance(item, BrokenEntry):
                raise Unread(f"position {item.position} cannot be read: {item.reason}")
            yield item
        progress(batch[-1].position, upto)
    progress(upto, upto)


def _of(found: dict[str, Coverage], model: str) -> Coverage:
    if model not in found:
        found[model] = Coverage(model)
    return found[model]
