"""Check again, from the log alone, that no read model has skipped anything: what was stated, folded."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from events.audit import Applied, KeyHeld, KeyReleased, ReadModelsApplied, ReadModelsRebuilt
from events.catalogue import names
from events.entry import key
from events.event import Event
from streams.history.decoding import Unreadable, decode
from streams.ports import Codec, Log
from streams.project.bulk import Progress, silent

STATED = (ReadModelsApplied, ReadModelsRebuilt, KeyHeld, KeyReleased)


class Span(Struct):
    """A range of the log: after one position, up to another; `digest` tells by which code it was folded."""

    after: int
    upto: int
    digest: str = ""


class OpenHold(Struct, frozen=True):
    """A key that is held from a position on, and by what kind of error."""

    key: str
    tag: str | None
    at: int
    cause: str


class Coverage(Struct):
    """What a read model has stated: by which code it has folded the log up to where; `gaps` is what nobody has stated."""

    model: str
    folded: list[Span] = []
    gaps: list[Span] = []
    held: dict[str, OpenHold] = {}

    @property
    def upto(self) -> int:
        """The last position that was stated."""
        return self.folded[-1].upto if self.folded else 0

    def applied(self, told: Applied) -> None:
        """Add a range; what lies between the last one and this one is a gap."""
        if told.upto <= self.upto:
            return
        if told.after > self.upto:
            self.gaps.append(Span(self.upto, told.after))
        if self.folded and self.folded[-1].digest == told.digest and self.upto == told.after:
            self.folded[-1].upto = told.upto
        else:
            self.folded.append(Span(told.after, told.upto, told.digest))

    def rebuilt(self, told: Applied) -> None:
        """Begin anew: all up to here was folded by one code."""
        self.folded, self.gaps = [Span(told.after, told.upto, told.digest)], []


class Unread(Exception):
    """An entry of the log that may be a statement cannot be read: then nothing can be said of coverage."""


def coverage(log: Log, codec: Codec, progress: Progress = silent) -> dict[str, Coverage]:
    """Return what was stated of each read model, by name, from all statements in the log. Raises Unread."""
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


def _statements(log: Log, codec: Codec, upto: int, progress: Progress) -> Iterator[Event]:
    for batch in log.tail(0, upto, [key(names()[each]) for each in STATED]):
        for item in decode(codec, batch):
            if isinstance(item, Unreadable):
                raise Unread(f"position {item.position} cannot be read: {item.reason}")
            yield item
        progress(batch[-1].position, upto)
    progress(upto, upto)


def _of(found: dict[str, Coverage], model: str) -> Coverage:
    if model not in found:
        found[model] = Coverage(model)
    return found[model]
