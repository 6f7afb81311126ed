"""Sealed fields: nothing else in `adapters/http` opens them, or hashes the values that they are found by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Protocol

from starlette.concurrency import run_in_threadpool

from adapters.http.disclosure.caller import Caller
from adapters.postgres.serve.sql import FindHash
from adapters.postgres.serve.tables import LiveTable
from adapters.wire.cloudevent import OpenBatch


class Opener(Protocol):
    """Opens sealed personal data, and hashes the values that it is found by."""

    def open_batch(self, values: Sequence[bytes]) -> list[str | None]:
        """Open sealed values, in order; None if the key is destroyed, or if the value cannot be opened."""

    def unopened(self) -> Mapping[str, int]:
        """Return how many values could not be opened since the start, by reason; erased ones do not count."""

    def find_hash(self, text: str) -> bytes:
        """Return the keyed hash by which equal values are found."""

    def destructions(self) -> int:
        """Return how often keys were destroyed: each time, some values can no longer be opened."""


class SealedFields:
    """Opens sealed fields for a caller."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener

    def open(self, _caller: Caller, values: Sequence[bytes]) -> list[str | None]:
        """Open sealed values, in order; None if the key is destroyed."""
        return self._opener.open_batch(values)

    def opener(self, caller: Caller, *, sealed: bool = False) -> OpenBatch | None:
        """Return the function that opens values for a caller, None if they stay sealed."""
        return None if sealed else partial(self.open, caller)

    def find_hash(self, _caller: Caller) -> FindHash:
        """Return the hash function of values by which a caller finds sealed fields."""
        return self._opener.find_hash

    def unopened(self) -> Mapping[str, int]:
        """Return how many values could not be opened since the start, by reason."""
        return self._opener.unopened()

    async def version(self, live: LiveTable) -> str:
        """Return the part of an ETag that changes if keys are destroyed. Read it before opening anything."""
        if not live.sealed:
            return ""
        return f".{await run_in_threadpool(self._opener.destructions)}"
