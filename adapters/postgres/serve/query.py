"""A query about a read model, as the tables answer it: which rows, in which order, with which fields."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

Operator = Literal["eq", "gte", "lte", "in"]

DEFAULT_LIMIT = 100
"""Rows a page if the client gives no `limit`: a screenful or two."""


class Filter(Struct, frozen=True):
    """One condition on a field."""

    field: str
    operator: Operator
    values: tuple[Any, ...]


class Query(Struct, frozen=True):
    """One query. Times are microseconds since 1970, `on` is a day such as 2024-09-01."""

    filters: tuple[Filter, ...] = ()
    sort: tuple[tuple[str, bool], ...] = ()
    fields: tuple[str, ...] = ()
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    known_at: int | None = None
    true_at: int | None = None
    wait_for: int | None = None
    on: str | None = None
    sealed: bool = False
    evidence: bool = False
    sum: tuple[str, ...] = ()
    by: tuple[str, ...] = ()

    @property
    def past(self) -> bool:
        """Whether the query asks for rows as of a time."""
        return self.known_at is not None or self.true_at is not None


PLAIN = Query()
"""The query of an address without parameters."""
