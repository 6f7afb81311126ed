"""The state of the inbox and of the relay, watched for the metrics while the API is served."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from adapters.kafka.clients import KafkaFault
from adapters.kafka.inbox.state import inbox_state
from adapters.kafka.relay.state import relay_state
from adapters.kafka.watch import EVERY_SECONDS, watch
from adapters.process.loop import Loop
from adapters.run.site import Site
from streams.bus.state import PartitionState, RelayState
from streams.ports import LogUnavailable

_OUTAGES = (KafkaFault, LogUnavailable)


def inbox_watch(site: Site, report: Callable[[Sequence[PartitionState]], None]) -> Loop:
    """Return the loop that reports the state of each partition of the inbox."""
    kafka = site.settings.kafka
    run = partial(watch, kafka, partial(inbox_state, site.log, kafka), report)
    return Loop("inbox-watch", run, EVERY_SECONDS, _OUTAGES)


def relay_watch(site: Site, report: Callable[[RelayState], None]) -> Loop:
    """Return the loop that reports the state of the relay."""
    kafka = site.settings.kafka
    run = partial(watch, kafka, partial(relay_state, site.log, kafka), report)
    return Loop("relay-watch", run, EVERY_SECONDS, _OUTAGES)
