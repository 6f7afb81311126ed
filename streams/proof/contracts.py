"""The log's statements about contracts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from events.entry import Stored, key
from streams.ports import Log
from streams.proof.bundle.contracts import STATEMENT, StatedContract, stated_contracts
from streams.tree.verifier import Unproven


def statements(log: Log, upto: int) -> Iterator[tuple[Stored, Sequence[StatedContract]]]:
    """Yield the statements up to a position, and the contracts that each of them states.

    One that cannot be read states nothing: fsck reports it, as any such entry.
    """
    for batch in log.tail(0, upto, [key(STATEMENT)]):
        for each in batch:
            try:
                yield each, stated_contracts(each.position, each.entry)
            except Unproven:
                yield each, []
