"""`POST /person-numbers`: fresh numbers for persons who have none.

A number is random, so it says nothing about anybody, nothing is kept of it, and no counter can be lost. It becomes a person's with
`identity.PersonRegistered`, which a rule admits once for each number.
"""

from __future__ import annotations

import secrets

from starlette.requests import Request
from starlette.responses import Response

from adapters.http.protocol import grammar
from adapters.http.protocol.media import ENCODER, JSON

LETTERS = "bcdfghjkmnpqrstvwxyz"
"""No vowels and no digits, so that a number is no word and holds no identity number."""

LENGTH = 24
"""Characters of a number: 20^24 is 2^103, so that of 10^9 numbers two are the same with a chance below 1 in 10^13."""


async def issue(request: Request) -> Response:
    """Answer with as many numbers as are wanted, one if nothing else is said."""
    count = grammar.read_options(request.scope["query_string"], {"count": grammar.limit}).get("count", 1)
    body = {"numbers": [number() for _ in range(count)]}
    return Response(ENCODER.encode(body), media_type=JSON, headers={"cache-control": "no-store"})


def number() -> str:
    """Return a number that nobody has."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
