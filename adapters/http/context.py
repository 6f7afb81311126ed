"""What the application stands on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct, field

from adapters.clock import ClockSight, now
from adapters.contracts.published import Contract, published
from adapters.http.disclosure.fields import Opener
from adapters.http.log.certificates import Sign
from adapters.http.observe import Metrics
from adapters.http.protocol.address import Handler
from projections.catalogue import READ_MODELS
from projections.read_model import ReadModel
from streams.ports import Codec, Log
from streams.proof.checkpoints import Checkpoints
from streams.proof.witness import Witness


class Context(Struct):
    """What the application stands on. Without `publish`, `checkpoints`, `witness` or `inbox`, their addresses are absent.

    `subscribers` limits the clients of live streams, `publish` answers `POST /events`, `inbox` is the name of a topic.
    """

    log: Log
    codec: Codec
    opener: Opener
    url: str
    subscribers: int
    publish: Handler | None = None
    checkpoints: Checkpoints | None = None
    origin: str = ""
    sign: Sign | None = None
    witness: Witness | None = None
    inbox: str = ""
    hosts: Sequence[str] = ()
    models: tuple[ReadModel[Any], ...] = READ_MODELS
    contracts: Sequence[Contract] = field(default_factory=published)
    metrics: Metrics = field(default_factory=Metrics)
    clock: Callable[[], ClockSight] = lambda: ClockSight(now(), now())
