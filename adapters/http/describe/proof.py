"""What `/openapi.json` says of proof."""

from __future__ import annotations

from adapters.http.describe.parts import POSITION, TEXT, get, in_json, problems
from adapters.http.describe.schemas import Schema, parameter


def paths() -> Schema:
    """Return the paths of checkpoints, tiles, proofs and receipts."""
    group, text = "proof", {"text/plain": TEXT}
    octets = {"application/octet-stream": TEXT}
    least_one = {**POSITION, "minimum": 1}
    path = {"type": "array", "items": {"type": "string", "pattern": "^[0-9a-f]{64}$"}}
    proof = in_json({"type": "object", "required": ["log", "path"], "properties": {"path": path}})
    number = parameter("number", "of the tile: 067, x001/x234/067", TEXT, "path", required=True)
    width = parameter("width", "of a partial tile", TEXT, "path", required=True)
    level = parameter("level", "0 to 63, or `entries`", TEXT, "path", required=True)
    position = parameter("position", "the position in the log", POSITION, "path", required=True)
    person = parameter("person", "the person's number", TEXT, "path", required=True)
    included = [
        parameter("position", "of the event", least_one, required=True),
        parameter("size", "of the tree; the log's if left out", least_one),
    ]
    grown = [
        parameter("from", "the smaller size", least_one, required=True),
        parameter("to", "the larger size; the log's if left out", least_one),
    ]
    return {
        "/checkpoint": get(group, "The log's signed head", (), text),
        "/tile/{level}/{number}": get(group, "A tile of the tree, or its entries", [level, number], octets),
        "/tile/{level}/{number}.p/{width}": get(group, "A partial tile", [level, number, width], octets),
        "/proof/inclusion": get(group, "That an event is in the log", included, proof),
        "/proof/consistency": get(group, "That the log has only grown", grown, proof),
        "/events/{position}/receipt": get(group, "A receipt to verify offline", [position], text),
        "/erasure/{person}/certificate": get(
            group, "What of an erased person can be read no more", [person], text
        ),
        "/add-checkpoint": {"post": _witnessed(group)},
    }


def _witnessed(group: str) -> Schema:
    text, size = {"text/plain": {"schema": TEXT}}, {"text/x.tlog.size": {"schema": TEXT}}
    cosigned = {"description": "Cosigned", "content": text}
    conflict = {"description": "A checkpoint of another size was cosigned last", "content": size}
    return {
        "tags": [group],
        "summary": "Cosign another log's checkpoint",
        "requestBody": {"required": True, "content": text},
        "responses": {"200": cosigned, "409": conflict, **problems()},
    }
