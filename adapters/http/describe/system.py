"""What `/openapi.json` says of the system itself: its documents and its state."""

from __future__ import annotations

from adapters.http.describe.parts import OBJECT, TEXT, in_path, reading
from adapters.http.describe.schemas import Schema
from adapters.http.protocol.address import Piece, fixed


def _reading(text: str, content: dict[str, Schema], *parameters: Schema) -> Piece:
    return fixed(reading("system", text, parameters, content))


INDEX = _reading("All addresses", OBJECT)
OPENAPI = _reading("This document", OBJECT)
ASYNCAPI = _reading("The topics of the message bus, as AsyncAPI 3", OBJECT)
DOCS = _reading("A page to try the addresses", {"text/html": TEXT})
SCRIPT = _reading("The script that starts the page", {"text/javascript": TEXT})
FILE = _reading("A file of the page", {"*/*": TEXT}, in_path("file", "its name"))
HEALTH = _reading("Whether the process is alive", OBJECT)
READY = _reading("Whether everything can be queried", OBJECT)
METRICS = _reading("Figures for Prometheus", {"text/plain": TEXT})
