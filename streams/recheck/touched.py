"""Tags touched since a time: recorded after `known_at`, or occurred after `true_at`."""

from __future__ import annotations

from events.contract import tags
from streams.history.decoding import BrokenEntry, decode
from streams.ports import Codec, Log
from streams.project.bulk import OnProgress, silent


def touched_since(
    log: Log,
    codec: Codec,
    upto: int,
    *,
    known_at: int | None = None,
    true_at: int | None = None,
    progress: OnProgress = silent,
) -> set[str]:
    """Return the tags of events recorded after `known_at`, or occurred after `true_at`, up to a position.

    Both times are microseconds since 1970. All tags are held in memory.
    """
    known = upto if known_at is None else min(upto, log.position_at(known_at))
    found: set[str] = set()
    for batch in log.tail(known if true_at is None else 0, upto, ()):
        for item in decode(codec, batch):
            later = item.position > known
            if not isinstance(item, BrokenEntry) and (
                later or (true_at is not None and item.occurred_at > true_at)
            ):
                found.update(tags(item))
        progress(batch[-1].position, upto)
    return found
