"""The state of the flows between the log and the message bus: how far each is, and how much is left."""

from __future__ import annotations

from msgspec import Struct


class PartitionState(Struct, frozen=True, kw_only=True):
    """The state of one partition of the inbox: all messages before offset `position` are read, `lag` more are not.

    Of those read, `waiting` came before what they depend on and are tried again; the others were recorded, had been
    recorded before (`repeated`), or were refused.
    """

    partition: int
    position: int
    lag: int
    waiting: int
    recorded: int
    repeated: int
    refused: int


class RelayState(Struct, frozen=True, kw_only=True):
    """The state of the relay: the log is relayed up to `position`, `lag` entries are not."""

    position: int
    lag: int
