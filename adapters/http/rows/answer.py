"""What answers about rows have in common: their form, their columns, and figures of a date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from starlette.responses import Response

from adapters.http.protocol.cache import FRESH
from adapters.http.protocol.grammar import refuse
from adapters.http.protocol.media import ENCODER, JSON
from adapters.http.rows.evidence import Evidence, RowEvidence, with_evidence
from adapters.postgres.serve.query import Query
from adapters.postgres.serve.tables import LiveTable


def in_json(
    body: dict[str, Any],
    evidence: Evidence | None = None,
    rows: Sequence[RowEvidence] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer, with evidence if it was asked for: such an answer changes with each checkpoint, so it has no ETag."""
    content = ENCODER.encode(body if evidence is None else with_evidence(body, evidence, rows))
    return Response(content, media_type=JSON, headers={"cache-control": FRESH, **(headers or {})})


def unchanged(etag: str, headers: Mapping[str, str] | None = None) -> Response:
    """Answer that the client has the current version."""
    return Response(status_code=304, headers={"etag": etag, "cache-control": FRESH, **(headers or {})})


class Columns(Struct, frozen=True):
    """The columns that are read for an answer; the first `shown` of them are in it."""

    names: tuple[str, ...]
    shown: int


def columns_of(live: LiveTable, query: Query, order: Sequence[str] = ()) -> Columns:
    """Return the columns that a query needs, those of its order included; the position is always shown."""
    if not query.fields:
        return Columns(tuple(live.columns), len(live.columns))
    shown = tuple(dict.fromkeys((*query.fields, "position")))
    more = live.columns if query.on or query.evidence else order
    return Columns(tuple(dict.fromkeys((*shown, *more))), len(shown))


def check_dated(live: LiveTable, query: Query) -> None:
    """Raise Problem if the query has `on` and the model has no figures of a date."""
    if query.on and not hasattr(live.model.row, "at"):
        refuse("on", f"{live.name} has no figures that depend on a date")
