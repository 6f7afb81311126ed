"""The part of `/openapi.json` about the system itself: its documents and its state."""

from __future__ import annotations

from adapters.http.describe.parts import OBJECT, TEXT, in_json, in_path, reading
from adapters.http.describe.schemas import Schema, reference
from adapters.http.protocol.address import Piece, fixed


def _reading(text: str, content: dict[str, Schema], *parameters: Schema) -> Piece:
    return fixed(reading("system", text, parameters, content))


INDEX = _reading("All addresses", OBJECT)
OPENAPI = _reading("This document", OBJECT)
ASYNCAPI = _reading("The topics of the message bus as AsyncAPI 3", OBJECT)
LABELS = _reading("What contexts, events, read models, fields, words and codes are called", OBJECT)
DOCS = _reading("This document as a page on which to try it", {"text/html": TEXT})
SCRIPT = _reading("The script of that page", {"text/javascript": TEXT})
FILE = _reading("A file of that page", {"*/*": TEXT}, in_path("file", "name of the file"))
HEALTH = _reading("Whether the process is alive", in_json(reference("Alive")))
READY = _reading("Whether the log and all read models are available", in_json(reference("Ready")))
METRICS = _reading("Metrics for Prometheus", {"text/plain": TEXT})
