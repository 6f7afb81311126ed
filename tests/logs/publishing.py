"""A publisher over a log in memory, and every verdict of it twice: by warm states, and by none."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from msgspec.structs import replace

from adapters.contracts.codec import AvroCodec
from domain.catalogue import RULES
from events.event import Event
from streams.history.histories import Histories
from streams.publish.judge import Judge
from streams.publish.publisher import Publisher
from streams.publish.request import Admissible, Refusal, Request, Verdict
from streams.publish.warm_folds import WarmFolds
from streams.scenario import WARM_BYTES, at
from tests.logs.histories import append
from tests.logs.memory_log import MemoryLog

CODEC = AvroCodec()
SOURCE = "/town"


def publisher(log: MemoryLog, bound: int = WARM_BYTES) -> Publisher:
    """Return a publisher with warm states of its own."""
    judge = Judge(RULES, WarmFolds(Histories(log, CODEC), bound))
    return Publisher(log, CODEC, judge, lambda: at("2030-01-01"))


def request(events: Sequence[Event], *, atomic: bool = False, dry_run: bool = False) -> Request:
    """Return a request to publish events."""
    return Request(list(events), [CODEC.propose(each) for each in events], atomic, dry_run)


def outcomes(settled: Request) -> list[object]:
    """Return what the verdicts say; a refusal says its code and its rule."""
    return [
        (each.code, each.rule) if isinstance(each, Refusal) else (type(each).__name__, each)
        for each in settled.verdicts
    ]


class Town:
    """A log with a beginning that nobody judged; what is sent to it is judged warm and, as a dry run, cold."""

    def __init__(self, *beginning: Event) -> None:
        self.log, self._ids = MemoryLog(), count(1)
        append(self.log, CODEC, [self.named(each) for each in beginning])
        self._warm, self._cold = publisher(self.log), publisher(self.log)

    def named(self, event: Event) -> Event:
        """Return an event with an identity, a new one unless it has one."""
        return event if event.id else replace(event, id=str(next(self._ids)), source=SOURCE)

    def send(self, *events: Event, atomic: bool = False) -> list[Verdict | None]:
        """Publish events in one request; return their verdicts."""
        named = [self.named(each) for each in events]
        tried, sent = request(named, atomic=atomic, dry_run=True), request(named, atomic=atomic)
        self._cold.reset()
        self._cold.settle([tried])
        self._warm.settle([sent])
        if not any(map(_left_out, tried.verdicts, sent.verdicts)):
            cold, warm = ([_code(each) for each in asked.verdicts] for asked in (tried, sent))
            assert cold == warm
        return list(sent.verdicts)

    def codes(self, *events: Event, atomic: bool = False) -> list[str]:
        """Publish events in one request; return the codes of their refusals, empty for those that were not refused."""
        return [_code(each) for each in self.send(*events, atomic=atomic)]


def _left_out(tried: Verdict | None, sent: Verdict | None) -> bool:
    """Return whether a dry run has not tried the rule that refuses an event."""
    return isinstance(tried, Admissible) and isinstance(sent, Refusal) and sent.rule in tried.not_tried


def _code(verdict: Verdict | None) -> str:
    return verdict.code if isinstance(verdict, Refusal) else ""
