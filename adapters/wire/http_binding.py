"""The HTTP binding of CloudEvents 1.0: attributes in `ce-` headers, the data as body."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes

from adapters.wire.bad_input import bad
from adapters.wire.cloudevent import Envelope, from_attributes

HEADER = "ce-"

RawHeaders = Iterable[tuple[bytes, bytes]]
"""Names and values as they came; a name may stand several times."""

_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_PAIR = re.compile(rb"\\(.)", re.DOTALL)
_BROKEN = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def from_headers(headers: RawHeaders, body: bytes) -> Envelope:
    """Return the CloudEvent of binary mode. Raises BadInput."""
    sent: dict[str, str] = {}
    for raw, value in headers:
        header = raw.decode("latin-1").lower()
        if not header.startswith(HEADER):
            continue
        name = header.removeprefix(HEADER)
        if name in sent:
            raise bad("invalid", f"the header {header} stands twice", f"/{name}")
        sent[name] = _text(name, value)
    return from_attributes(sent, body)


def _text(name: str, value: bytes) -> str:
    """Return the text of a header's value (HTTP binding, 3.1.3.2): quotes are undone, then percent-encoding, once.

    Bytes beyond ASCII are UTF-8, which several SDKs send as it is.
    """
    if value.startswith(b'"'):
        quoted = _QUOTED.fullmatch(value)
        if quoted is None:
            raise bad(
                "invalid", f"the header {HEADER}{name} begins with a quote that does not end it", f"/{name}"
            )
        value = _PAIR.sub(rb"\1", quoted[1])
    if _BROKEN.search(value):
        raise bad(
            "invalid", f"the header {HEADER}{name} has a '%' that encodes nothing: send %25", f"/{name}"
        )
    try:
        return unquote_to_bytes(value).decode()
    except UnicodeDecodeError as error:
        raise bad(
            "invalid", f"the header {HEADER}{name} is not UTF-8, raw or percent-encoded", f"/{name}"
        ) from error
