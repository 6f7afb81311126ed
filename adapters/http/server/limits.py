"""How much of the server one client may take, in bytes, seconds and descriptors."""

from __future__ import annotations

import resource

from msgspec import Struct

RESERVED = 192
"""Descriptors kept for the database, the log, files and what the interpreter opens."""
MOST_CONNECTIONS = 4096


class Limits(Struct, frozen=True, kw_only=True):
    """Bounds of the server. All of them are over one connection, but `connections` and `unsent_bytes`."""

    connections: int
    """Connections at a time; for one more, the one that has kept us waiting longest is closed."""
    head_bytes: int = 64 * 1024
    """Bytes of a request that are not its body: a query of a thousand keys has 40 KB."""
    head_seconds: float = 10.0
    """Seconds until the head of a request has come."""
    body_seconds: float = 20.0
    """Seconds in which the body has to bring `body_bytes` more, or to end."""
    body_bytes: int = 16 * 1024
    unread_seconds: float = 60.0
    """Seconds in which a client has to read something of what waits for it."""
    unsent_bytes: int = 64 * 1024 * 1024
    """Bytes that wait for clients, over all; beyond them, who has not read for longest is dropped."""


def default_limits() -> Limits:
    """Return the limits for this process, which may open as many files as it is allowed from now on."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return Limits(connections=connections_of(hard))


def connections_of(descriptors: int) -> int:
    """Return the most connections for a number of descriptors: at least half of these are for connections."""
    return min(MOST_CONNECTIONS, max(descriptors - RESERVED, descriptors // 2))
