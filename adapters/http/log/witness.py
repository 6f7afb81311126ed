"""`POST /add-checkpoint` and `GET /witness/<origin hash>/checkpoint`: a witness (c2sp.org/tlog-witness)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from adapters.http.protocol.body import read_body
from adapters.http.protocol.media import TEXT
from adapters.http.protocol.problems import Problem
from adapters.proof.witnesses import SIZE_TYPE
from streams.proof.witness import Declined, Reason, Witness

MOST_BYTES = 64 * 1024
"""The largest body, in bytes: a checkpoint with a proof has 63 hashes at most, about 3 KiB."""

_STATUS: Mapping[Reason, HTTPStatus] = {
    "malformed": HTTPStatus.BAD_REQUEST,
    "unknown-log": HTTPStatus.NOT_FOUND,
    "not-signed": HTTPStatus.FORBIDDEN,
    "other-size": HTTPStatus.CONFLICT,
    "not-consistent": HTTPStatus.UNPROCESSABLE_ENTITY,
}


class Cosigning(Struct):
    """Cosigns the checkpoints of the logs that we witness."""

    witness: Witness

    async def answer(self, request: Request) -> Response:
        """Answer with a cosignature, or with the reason why not."""
        body = await read_body(request, MOST_BYTES)
        try:
            signature = await run_in_threadpool(_added, self.witness, body)
        except Declined as declined:
            if declined.reason == "other-size":
                # Not as `media_type`, to which Starlette would add a charset.
                size = f"{declined.size}\n"
                return Response(size, HTTPStatus.CONFLICT, headers={"content-type": SIZE_TYPE})
            raise Problem(
                _STATUS[declined.reason], declined.reason, "Not cosigned", str(declined)
            ) from declined
        return Response(str(signature), media_type=TEXT)

    async def latest(self, request: Request) -> Response:
        """Answer with the last checkpoint that was cosigned of a log, for its monitors."""
        origin_hash = request.path_params["origin_hash"]
        note = await run_in_threadpool(self.witness.latest, origin_hash)
        if note is None:
            detail = f"no checkpoint has been cosigned of a log whose origin has the SHA-256 {origin_hash}"
            raise Problem(HTTPStatus.NOT_FOUND, "no-such-checkpoint", "No such checkpoint", detail)
        return Response(note, media_type=TEXT, headers={"cache-control": "no-cache"})


def _added(witness: Witness, body: bytes) -> object:
    try:
        return witness.add(body.decode())
    except UnicodeDecodeError as error:
        raise Declined("malformed", "the body is not UTF-8") from error
