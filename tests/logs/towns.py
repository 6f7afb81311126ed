"""Random logs of the town, for tests of what loses its ground."""

from __future__ import annotations

from events.alias import alias_of
from events.event import Event
from streams.publish.request import Recorded
from tests.logs.histories import append
from tests.logs.memory_log import MemoryLog
from tests.logs.publishing import CODEC, publisher, request
from tests.logs.town import Town, beginning


def town(seed: int, *, judged: bool) -> list[Event]:
    """Return the log of a town in which everybody is late, merged, separated and corrected.

    If it is not `judged`, only merges and separations are: names are always sound.
    """
    log, made = MemoryLog(), Town(seed, late=0.3)
    append(log, CODEC, beginning())
    one = publisher(log)
    for _ in range(60 if judged else 30):
        asked = request(made.batch())
        if not judged:
            append(log, CODEC, [each for each in asked.events if not alias_of(type(each))])
            one.reset()
            asked = request([each for each in asked.events if alias_of(type(each))])
        one.settle([asked])
        for event, verdict in zip(asked.events, asked.verdicts, strict=True):
            if isinstance(verdict, Recorded):
                made.recorded(event)
    return [CODEC.decode(each) for each in log.read(limit=10_000)]
