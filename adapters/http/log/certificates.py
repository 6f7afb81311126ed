"""`GET /erasure/{person}/certificate`: which data of an erased person is unreadable, signed by the log's key."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from adapters.http.disclosure.caller import Caller, caller_of
from adapters.http.disclosure.histories import RowHistories
from adapters.http.log.proof import RETRY_SECONDS, Proof
from adapters.http.protocol import grammar
from adapters.http.protocol.cache import FRESH
from adapters.http.protocol.media import TEXT
from adapters.http.protocol.problems import Problem
from streams.erasure.certificate import ErasurePending, NotErased
from streams.tree.verifier import Note, Signature

Sign = Callable[[str], Sequence[Signature]]
"""Signs a note's text with the log's keys."""


class Certificates(Struct):
    """Makes erasure certificates under the latest checkpoint. What reads the log runs in a thread."""

    disclosed: RowHistories
    proof: Proof
    sign: Sign

    async def answer(self, request: Request) -> Response:
        """Answer with a person's certificate, a signed note."""
        grammar.read_options(request.scope["query_string"], {})
        person = request.path_params["person"]
        text = await run_in_threadpool(self._certificate, caller_of(request), person)
        return Response(text, media_type=TEXT, headers={"cache-control": FRESH})

    def _certificate(self, caller: Caller, person: str) -> str:
        try:
            text = self.disclosed.certificate(caller, person, self.proof.latest())
        except NotErased as error:
            raise Problem(404, "not-erased", "Not erased", str(error)) from error
        except ErasurePending as error:
            raise Problem(
                503, "not-erased-yet", "Not erased yet", str(error), retry_after=RETRY_SECONDS
            ) from error
        return str(Note(text, tuple(self.sign(text))))
