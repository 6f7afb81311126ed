"""The figure of sealing: publishing with it, against publishing the same personal data as clear bytes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import islice

from adapters.door.door import Door
from adapters.keys.sealer import Clear, Sealer
from adapters.run.site import site_on
from adapters.upstream.city import city
from bench.city import BATCH, PEOPLE, SEED, bodies
from bench.figure import Figure, in_turn, seconds
from bench.place import Place
from events.erasing import Pair
from streams.publish.publisher import Publisher
from streams.publish.request import Recorded
from streams.publish.unstored import DataKey


class Unsealed(Sealer):
    """Seals nothing; document numbers are still hashed, since they are tags."""

    def draft_batch(self, values: Sequence[Clear]) -> tuple[list[bytes | None], Mapping[Pair, DataKey]]:
        return [each.text.encode() for each in values], {}


class _Side:
    """A publisher with its own log and key store."""

    def __init__(self, place: Place, url: str, kind: type[Sealer], stack: ExitStack) -> None:
        site = stack.enter_context(site_on(place.settings(), url))
        self._door, self._publisher = (
            Door(site.codec, kind(site.store.keys, site.store.secrets)),
            site.publisher(),
        )
        self.begin()

    def begin(self) -> None:
        self.count, self.seconds, self.cpu_seconds = 0, 0.0, 0.0

    def publish(self, sent: Iterator[bytes]) -> float:
        body, before = next(sent), time.process_time()
        found = seconds(partial(_publish, self._door, self._publisher, body))
        self.count += BATCH
        self.seconds += found
        self.cpu_seconds += time.process_time() - before
        return found


def _publish(door: Door, publisher: Publisher, body: bytes) -> None:
    request = door.batch(body)
    publisher.settle([request])
    assert all(isinstance(each, Recorded) for each in request.verdicts)


def sealing(place: Place) -> Iterator[Figure]:
    """Measure door, rules and append in the measuring process, over the sample city, batch by batch.

    Personal data comes in a few batches only, which a median would miss: the rates are over all batches
    together.
    """
    sent = list(bodies(city(PEOPLE, SEED)))
    with (
        place.database("bench_sealed") as url,
        place.database("bench_unsealed") as clear,
        ExitStack() as stack,
    ):
        sides = [_Side(place, url, Sealer, stack), _Side(place, clear, Unsealed, stack)]
        for each in sides:  # what the first batch of a process makes once is no cost of sealing
            each.publish(iter(sent[:1]))
            each.begin()
        in_turn(len(sent) - 2, *(partial(each.publish, islice(sent, 1, len(sent) - 1)) for each in sides))
    ours, theirs = (each.count / each.seconds for each in sides)
    cpu = [each.cpu_seconds / each.count * 1e6 for each in sides]
    yield Figure(
        name="publish in process with sealing, batches of 1000 of the sample city, against without",
        unit="events/s",
        figure=ours,
        yardstick=theirs,
        target=">= 0.9",
        note=f"{cpu[0]:.0f} against {cpu[1]:.0f} µs of CPU an event in the publishing process",
    )
