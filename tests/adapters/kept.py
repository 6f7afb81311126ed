"""What the door has taken in, with its keys stored as if it had been recorded."""

from __future__ import annotations

from adapters.keys.sealer import Sealer
from streams.publish.new_keys import NewKeys
from streams.publish.request import Request


def kept(request: Request, sealer: Sealer) -> Request:
    """Store the new keys of a request, which can be opened from then on."""
    assert NewKeys(sealer.keys).store((request, index) for index in range(len(request.events)))
    return request
