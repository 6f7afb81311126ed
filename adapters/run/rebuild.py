"""Building read models: those that are missing at a start, and those that a command names."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from adapters.process.child import in_child
from adapters.run.parts import open_parts
from projections.catalogue import READ_MODELS
from projections.read_model import ReadModel
from streams.ports import LogUnavailable
from streams.project.bulk import SMALL, OnProgress, silent
from streams.project.rebuild import Rebuild, outdated

PROCESSES = 2


def bring_up(url: str, progress: OnProgress = silent) -> None:
    """Build the read models that are missing or of another version. Raises LogUnavailable.

    A long log is folded in a process of its own: memory for millions of rows would stay with this process for good.
    """
    with open_parts(url) as parts:
        missing, head = outdated(parts.store, READ_MODELS), parts.log.head()
    if missing and head <= SMALL:
        _bring_up(url, progress)
    elif missing and not in_child(partial(_bring_up, url), progress):
        raise LogUnavailable("the read models could not be built; the next start tries again")


def rebuild(url: str, models: Sequence[ReadModel[Any]], processes: int, progress: OnProgress) -> None:
    """Build read models anew beside the live ones, and swap them in."""
    Rebuild(partial(open_parts, url), processes=processes).run(models, progress)


def _bring_up(url: str, progress: OnProgress) -> None:
    Rebuild(partial(open_parts, url), processes=PROCESSES).bring_up(READ_MODELS, progress)
