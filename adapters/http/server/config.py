"""How uvicorn runs an application."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import uvicorn
from starlette.applications import Starlette

from adapters.http.server.connections import Connections
from adapters.http.server.limits import Limits
from adapters.http.server.protocol import BoundedProtocol

SECURITY: Sequence[tuple[str, str]] = (
    ("x-content-type-options", "nosniff"),
    ("cross-origin-resource-policy", "same-origin"),
    ("content-security-policy", "frame-ancestors 'none'"),
)
"""Headers of every answer, errors included: nothing guesses at its type, embeds it, or frames it."""


def server_config(app: Starlette, limits: Limits, **more: Any) -> uvicorn.Config:
    """Return the configuration of a server that holds the limits; `more` are uvicorn's own settings."""
    return uvicorn.Config(
        app,
        http=partial(BoundedProtocol, connections=Connections(limits)),  # type: ignore[arg-type]  # it is called only
        ws="none",
        headers=list(SECURITY),
        log_level="warning",
        access_log=False,
        server_header=False,
        **more,
    )
