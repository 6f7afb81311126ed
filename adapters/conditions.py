"""How every log judges a condition."""

from __future__ import annotations

from collections.abc import Sequence

from streams.ports import Change, Condition, Stale, touches


def check(condition: Condition, head: int, others: Sequence[Change]) -> None:
    """Hold a condition against `others`, all that came after what it has seen, up to `head`.

    Raises Stale where it is broken, and ValueError where it has seen more than there is: it is of another log.
    """
    if condition.seen > head:
        raise ValueError(f"the condition has seen position {condition.seen}, but the log ends at {head}")
    if any(touches(condition.reads, change) for change in others):
        raise Stale(head, others)
