"""The part of `/openapi.json` about proof: checkpoints, tiles, proofs, receipts, certificates, cosignatures."""

from __future__ import annotations

from adapters.http.describe.parts import EVENT_AT, POSITION, TEXT, in_json, in_path, problems, reading
from adapters.http.describe.schemas import Schema, parameter
from adapters.http.protocol.address import Operations, fixed
from events.patterns import ecma

_TEXT, _OCTETS = {"text/plain": TEXT}, {"application/octet-stream": TEXT}
_LEAST_ONE = {**POSITION, "minimum": 1}
_HASHES = {"type": "array", "items": {"type": "string", "pattern": ecma("[0-9a-f]{64}")}}
_PROOF = in_json({"type": "object", "required": ["log", "path"], "properties": {"path": _HASHES}})
_INCLUDED = [
    parameter("position", "position of the event", _LEAST_ONE, required=True),
    parameter("size", "size of the tree; the log's if left out", _LEAST_ONE),
]
_GROWN = [
    parameter("from", "the smaller size", _LEAST_ONE, required=True),
    parameter("to", "the larger size; the log's if left out", _LEAST_ONE),
]


def _reading(text: str, parameters: list[Schema], content: dict[str, Schema]) -> Schema:
    return reading("proof", text, parameters, content)


CHECKPOINT = fixed(_reading("The latest checkpoint", [], _TEXT))
INCLUSION = fixed(_reading("Proof that an event is in the log", _INCLUDED, _PROOF))
CONSISTENCY = fixed(_reading("Proof that the log has only grown", _GROWN, _PROOF))
RECEIPT = fixed(_reading("A receipt of one event, verifiable offline", [EVENT_AT], _TEXT))
CERTIFICATE = fixed(
    _reading(
        "Certificate of which data of an erased person is unreadable",
        [in_path("person", "the person's number")],
        _TEXT,
    )
)


def tile(path: str) -> Operations:
    """Describe reading tiles: whole ones, and partial ones, which have a width."""
    place = [
        in_path("level", "0 to 63, or `entries`"),
        in_path("number", "number of the tile: 067, x001/x234/067"),
    ]
    width = in_path("width", "width of a partial tile")
    whole = path.replace("{path}", "{level}/{number}")
    return {
        whole: _reading("A tile of hashes or entries", place, _OCTETS),
        f"{whole}.p/{{width}}": _reading("A partial tile", [*place, width], _OCTETS),
    }


COSIGNED = fixed(
    _reading(
        "The last checkpoint of another log that was cosigned",
        [in_path("origin_hash", "the SHA-256 of the log's origin, in hexadecimal")],
        _TEXT,
    )
)
COSIGNING = fixed(
    {
        "tags": ["proof"],
        "summary": "Cosign another log's checkpoint",
        "requestBody": {"required": True, "content": {"text/plain": {"schema": TEXT}}},
        "responses": {
            "200": {"description": "Cosigned", "content": {"text/plain": {"schema": TEXT}}},
            "409": {
                "description": "The last cosigned checkpoint has another size, which is the answer",
                "content": {"text/x.tlog.size": {"schema": TEXT}},
            },
            **problems(),
        },
    }
)
