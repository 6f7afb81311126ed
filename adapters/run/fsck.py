"""The parts of verifying the log: its tables as they are stored, and a codec for the tags they are derived from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property

from adapters.contracts.codec import AvroCodec
from adapters.library import dcb
from adapters.postgres.log.stored import PostgresTables
from events.contract import tags
from events.entry import Stored, parse
from streams.proof.fsck.ports import StoredLog


@contextmanager
def open_tables(url: str) -> Iterator[StoredLog]:
    """Open what one process verifies with; with `functools.partial` this can be sent to other processes."""
    with closing(PostgresTables(url)) as tables:
        yield StoredLog(tables, _Tags().of)


class _Tags:
    """Tags of entries, of our own events and of those that came through the `eventsourcing` library."""

    @cached_property
    def _codec(self) -> AvroCodec:
        """The codec, made when it is first needed: verifying the tree does not need it."""
        return AvroCodec()

    def of(self, stored: Stored) -> tuple[str, ...]:
        if parse(stored.entry).source == dcb.SOURCE:
            return dcb.tags_of(stored)
        return tags(self._codec.decode(stored))
