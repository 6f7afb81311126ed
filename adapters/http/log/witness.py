"""`POST /add-checkpoint`: we cosign other logs' checkpoints (c2sp.org/tlog-witness)."""

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

_STATUS: Mapping[Reason, HTTPStatus] = {
    "malformed": HTTPStatus.BAD_REQUEST,
    "unknown-log": HTTPStatus.NOT_FOUND,
    "not-signed": HTTPStatus.FORBIDDEN,
    "other-size": HTTPStatus.CONFLICT,
    "not-consistent": HTTPStatus.UNPROCESSABLE_ENTITY,
}


class Cosigning(Struct):
    """Answers logs that ask for a cosignature."""

    witness: Witness

    async def answer(self, request: Request) -> Response:
        """Cosign a checkpoint, or report why not."""
        body = await read_body(request, MOST_BYTES)
        try:
            signature = await run_in_threadpool(_added, self.witness, body)
        except Declined as declined:
            if declined.reason == "other-size":
                # Not as `media_type`, which would say the charset too.
                size = f"{declined.size}\n"
                return Response(size, HTTPStatus.CONFLICT, headers={"content-type": SIZE_TYPE})
            raise Problem(
                _STATUS[declined.reason], declined.reason, "Not cosigned", str(declined)
            ) from declined
        return Response(str(signature), media_type=TEXT)


def _added(witness: Witness, body: bytes) -> object:
    try:
        return witness.add(body.decode())
    except UnicodeDecodeError as error:
        raise Declined("malformed", "the body is not UTF-8") from error
