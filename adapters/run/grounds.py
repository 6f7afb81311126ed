"""Statements of which events have lost their ground: a large merge takes it minutes."""

from __future__ import annotations

import os
import sys
import threading
from functools import partial

from adapters.clock import now
from adapters.contracts.codec import AvroCodec
from adapters.keys.salt import salt_of
from adapters.postgres.connections import OUTAGES
from adapters.process.loop import Loop
from adapters.run.parts import open_parts
from domain.catalogue import RULES
from streams.coverage.grounds import Grounds
from streams.history.histories import Histories
from streams.ports import Overtaken
from streams.publish.judge import Judge
from streams.publish.publisher import Publisher
from streams.publish.warm_folds import WarmFolds

STEP_SECONDS = 1.0
"""How soon it is stated that an event has lost its ground; looking costs one query while nothing comes."""
START_SECONDS = 5.0
"""How long it waits before it starts and after a fault: a server that is starting needs the time."""
WARM_BYTES = 1 << 20
"""Bound of its publisher's warm states, in bytes: no rule reads anything for a statement."""
NICENESS = 10


def grounds(url: str, salt: bytes) -> Loop:
    """Return the loop that states which events of a database's log have lost or regained their ground.

    `salt` is the secret of the salts of what it states.
    """
    return Loop("grounds", partial(_state, url, salt), STEP_SECONDS, (*OUTAGES, Overtaken))


def _state(url: str, salt: bytes, stop: threading.Event) -> None:
    if sys.platform != "win32":
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    stop.wait(START_SECONDS)
    with open_parts(url) as parts:
        judge = Judge(RULES, WarmFolds(Histories(parts.log, parts.codec), WARM_BYTES))
        codec = AvroCodec(salt=salt_of(salt))
        stating = Grounds(parts.log, codec, Publisher(parts.log, codec, judge, now))
        while not stop.is_set():
            if not stating.step():
                stop.wait(STEP_SECONDS)
