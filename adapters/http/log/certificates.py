"""`/erasure/{person}/certificate`: what of an erased person can be read no more, signed by the log's key."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from adapters.http.log.proof import RETRY_SECONDS, TEXT, Proof
from adapters.http.protocol import grammar
from adapters.http.protocol.problems import Problem
from adapters.http.rows.queries import FRESH
from streams.erasure.certificate import Certifier, ErasurePending, NotErased
from streams.tree.verifier import Note, Signature

Sign = Callable[[str], Sequence[Signature]]
"""Signs a note's text with the log's keys."""


class Certificates(Struct):
    """Makes erasure certificates under the latest checkpoint. What reads the log runs in a thread."""

    certifier: Certifier
    proof: Proof
    sign: Sign

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        return [Route("/erasure/{person}/certificate", self.answer)]

    async def answer(self, request: Request) -> Response:
        """Answer with a person's certificate, a signed note."""
        for name, _ in grammar.pairs(request.scope["query_string"]):
            grammar.refuse(name, f"unknown parameter {name!r}", parameters=())
        text = await run_in_threadpool(self._certificate, request.path_params["person"])
        return Response(text, media_type=TEXT, headers={"cache-control": FRESH})

    def _certificate(self, person: str) -> str:
        try:
            text = self.certifier.text(f"person:{person}", self.proof.latest())
        except NotErased as error:
            raise Problem(404, "not-erased", "Not erased", str(error)) from error
        except ErasurePending as error:
            raise Problem(
                503, "not-erased-yet", "Not erased yet", str(error), retry_after=RETRY_SECONDS
            ) from error
        return str(Note(text, tuple(self.sign(text))))
