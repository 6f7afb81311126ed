"""Caching: what an answer's headers allow, and whether the client has the current version already."""

from __future__ import annotations

from starlette.requests import Request

FRESH = "private, no-cache"
"""A client may keep the answer for itself, but asks each time whether it is still current."""

NEVER_CHANGES = "private, max-age=31536000, immutable"
"""A client may keep the answer for itself for a year: the bytes at this address never change."""


def has_already(request: Request, etag: str) -> bool:
    """Return whether the client has this version, by its If-None-Match."""
    for name, value in request.scope["headers"]:
        if name == b"if-none-match":
            return etag.removeprefix("W/") in {
                each.strip().removeprefix("W/") for each in value.decode("latin-1").split(",")
            }
    return False
