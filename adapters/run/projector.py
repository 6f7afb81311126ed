"""The projector, in a process of its own: it follows the log, and goes on from its bookmarks after a fault."""

from __future__ import annotations

import threading
from functools import partial

from adapters.postgres.connections import OUTAGES
from adapters.postgres.read.modes import entered
from adapters.process.loop import Loop
from adapters.run.parts import open_parts
from projections.catalogue import READ_MODELS
from streams.project.projector import Projector, Repartitioned
from streams.project.stride import Stride
from streams.workers.handover import gather

AGAIN_SECONDS = 1.0


def projector(url: str) -> Loop:
    """Return the loop that folds the log of a database into its read models. It waits while workers fold."""
    return Loop("projector", partial(_follow, url, Stride()), AGAIN_SECONDS, (*OUTAGES, Repartitioned))


def _follow(url: str, stride: Stride, stop: threading.Event) -> None:
    with open_parts(url) as parts, entered(url, "embedded", stop) as inside:
        if inside:
            gather(parts, READ_MODELS)
            Projector(parts.log, parts.codec, parts.store, READ_MODELS, stride=stride).run(stop)
