"""How the interpreter is set where events are handled by the thousand."""

from __future__ import annotations

import gc
import sys

COLLECT_EVERY = 50_000, 20, 100
"""Events, states and rows make no cycles: looking for some among all that is warm costs a sixth of a core."""
SWITCH_SECONDS = 0.0005
"""How long a thread waits, at each answer of the database, for one that decodes: by default 5 ms."""


def tune() -> None:
    """Collect garbage seldom, and let threads take turns often."""
    gc.set_threshold(*COLLECT_EVERY)
    sys.setswitchinterval(SWITCH_SECONDS)
