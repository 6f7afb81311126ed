"""What has changed since: the tags of the events that were not known, or had not occurred, at a time."""

from __future__ import annotations

from collections.abc import Iterable

from events.contract import tags
from streams.history.aliases import Names
from streams.history.decoding import Unreadable, decode
from streams.ports import Codec, Log
from streams.project.bulk import Progress, silent


def touched_since(
    log: Log,
    codec: Codec,
    upto: int,
    *,
    known_at: int | None = None,
    true_at: int | None = None,
    progress: Progress = silent,
) -> set[str]:
    """Return the tags of what was recorded after `known_at`, or occurred after `true_at`, up to a position.

    Both times are microseconds since 1970. All tags are in memory at once.
    """
    known = upto if known_at is None else min(upto, log.position_at(known_at))
    found: set[str] = set()
    for batch in log.tail(known if true_at is None else 0, upto, ()):
        for item in decode(codec, batch):
            later = item.position > known
            if not isinstance(item, Unreadable) and (
                later or (true_at is not None and item.occurred_at > true_at)
            ):
                found.update(tags(item))
        progress(batch[-1].position, upto)
    return found


def under_all_names(touched: Iterable[str], names: Names) -> set[str]:
    """Return tags together with those that they are other names of."""
    found = set(touched)
    for tag in list(found):
        kind, _, value = tag.partition(":")
        into = names.of(kind)
        while (value := into.get(value, "")) and f"{kind}:{value}" not in found:
            found.add(f"{kind}:{value}")
    return found
