"""Media types of answers, and the encoder of JSON."""

from __future__ import annotations

import msgspec

JSON = "application/json"
JSON_LINES = "application/jsonl"
OCTETS = "application/octet-stream"
REGISTRY = "application/vnd.schemaregistry.v1+json"
TEXT = "text/plain; charset=utf-8"

ENCODER = msgspec.json.Encoder()
