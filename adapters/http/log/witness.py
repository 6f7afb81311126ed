"""`POST /add-checkpoint`: we cosign other logs' checkpoints (c2sp.org/tlog-witness)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.http.protocol.body import read_body
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


def witness_routes(witness: Witness) -> list[Route]:
    """Return the route by which logs ask for a cosignature."""

    async def add_checkpoint(request: Request) -> Response:
        """Cosign a checkpoint, or tell why not."""
        body = await read_body(request, MOST_BYTES)
        try:
            signature = await run_in_threadpool(_added, witness, body)
        except Declined as declined:
            if declined.reason == "other-size":
                # Not as `media_type`, which would say the charset too.
                size = f"{declined.size}\n"
                return Response(size, HTTPStatus.CONFLICT, headers={"content-type": SIZE_TYPE})
            raise Problem(
                _STATUS[declined.reason], declined.reason, "Not cosigned", str(declined)
            ) from declined
        return Response(str(signature), media_type="text/plain; charset=utf-8")

    return [Route("/add-checkpoint", add_checkpoint, methods=["POST"])]


def _added(witness: Witness, body: bytes) -> object:
    try:
        return witness.add(body.decode())
    except UnicodeDecodeError as error:
        raise Declined("malformed", "the body is not UTF-8") from error
