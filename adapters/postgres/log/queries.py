"""The log's queries: each walks along an index, and is limited before entries are fetched."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from psycopg.sql import SQL, Composed

from streams.ports import Selection

ID = "SELECT id FROM log.head"

HEAD = "SELECT position FROM log.head"

TREE = "SELECT tree FROM log.head"

TILES = """
SELECT coalesce((
    SELECT string_agg(hashes, ''::bytea ORDER BY first) FROM log.tiles
    WHERE level = wanted.level AND first >= wanted.number * 256 AND first < wanted.number * 256 + 256
), ''::bytea)
FROM unnest(%(levels)s::smallint[], %(numbers)s::bigint[]) WITH ORDINALITY AS wanted (level, number, place)
ORDER BY place
"""

CHANGES = "SELECT position, type, tags FROM log.entries WHERE position > %(after)s ORDER BY position"

MARKS = """
SELECT name, position, waiting, moves, recorded, repeated, refused FROM log.marks WHERE name = ANY(%(names)s)
"""

FIND = "SELECT position, entry FROM log.entries WHERE identity = ANY(%(identities)s)"

# One descent serves a tag: its types lie side by side. The sets of types, few and shared by many tags, are sent as text
# because unnest would flatten an array of arrays. A tag is joined with its types first: on a small log the planner would
# as soon walk the whole tag and compare the types afterwards, and it keeps that plan while the log grows.
HISTORIES = """
WITH kinds AS MATERIALIZED (
    SELECT place, types::bigint[] FROM unnest(%(sets)s::text[]) WITH ORDINALITY AS sets (types, place)
), wanted AS MATERIALIZED (
    SELECT tag, types, after
    FROM unnest(%(tags)s::bigint[], %(places)s::bigint[], %(afters)s::bigint[]) AS w (tag, place, after)
    JOIN kinds USING (place)
)
SELECT position, entry FROM log.entries WHERE position IN (
    SELECT found.position FROM wanted CROSS JOIN LATERAL (
        SELECT position FROM log.tags
        WHERE tag = wanted.tag AND type = ANY(wanted.types) AND position > wanted.after AND position <= %(upto)s
    ) AS found
) ORDER BY position
"""

WINDOWS = """
WITH kinds AS MATERIALIZED (
    SELECT place, types::bigint[] FROM unnest(%(sets)s::text[]) WITH ORDINALITY AS sets (types, place)
), wanted AS MATERIALIZED (
    SELECT w.*, kinds.types FROM unnest(
        %(tags)s::bigint[], %(places)s::bigint[], %(afters)s::bigint[], %(untils)s::bigint[],
        %(begins)s::bigint[], %(ends)s::bigint[]
    ) AS w (tag, place, after, until, begin, "end") JOIN kinds ON kinds.place = w.place
)
SELECT position, entry FROM log.entries WHERE position IN (
    SELECT found.position FROM wanted CROSS JOIN LATERAL (
        SELECT position FROM log.tags
        WHERE tag = wanted.tag AND type = ANY(wanted.types)
            AND position > wanted.after AND position <= wanted.until AND position <= %(upto)s
    ) AS found
    UNION ALL
    SELECT found.position FROM wanted CROSS JOIN LATERAL (
        SELECT position FROM log.tags
        WHERE tag = wanted.tag AND type = ANY(wanted.types)
            AND late_at >= wanted.begin AND late_at < wanted."end" AND position <= %(upto)s
    ) AS found
) ORDER BY position
"""

LATE = """
SELECT t.late_at, t.position, entries.entry FROM (
    SELECT run.late_at, run.position FROM unnest(%(types)s::bigint[]) AS runs (type) CROSS JOIN LATERAL (
        SELECT late_at, position FROM log.tags
        WHERE tag = %(tag)s AND type = runs.type AND late_at IS NOT NULL
            AND (late_at, position) > (%(time)s, %(place)s) AND position > %(after)s AND position <= %(upto)s
        ORDER BY late_at, position LIMIT %(limit)s
    ) AS run ORDER BY run.late_at, run.position LIMIT %(limit)s
) AS t JOIN log.entries USING (position) ORDER BY t.late_at, t.position
"""

COUNTS = """
SELECT (SELECT count(*) FROM (
    SELECT FROM log.tags
    WHERE tag = wanted.tag AND type = ANY(wanted.types::bigint[]) AND position > wanted.after LIMIT %(most)s
) AS counted)
FROM unnest(%(tags)s::bigint[], %(types)s::text[], %(afters)s::bigint[])
    WITH ORDINALITY AS wanted (tag, types, after, place)
ORDER BY place
"""

# `recorded_at` never decreases, so the places of times are found by bisection: twenty steps in one statement for all.
POSITIONS_AT = """
WITH RECURSIVE bisected (place, at, low, high) AS (
    SELECT place, at, 0::bigint, position
    FROM unnest(%(times)s::bigint[]) WITH ORDINALITY AS wanted (at, place) CROSS JOIN log.head
    UNION ALL
    SELECT place, at, CASE WHEN known.by_then THEN middle.position ELSE low END,
        CASE WHEN known.by_then THEN high ELSE middle.position - 1 END
    FROM bisected
    CROSS JOIN LATERAL (SELECT (low + high + 1) / 2 AS position) AS middle
    JOIN log.entries AS e ON e.position = middle.position
    CROSS JOIN LATERAL (
        SELECT ('x' || encode(substr(e.entry, 2, 8), 'hex'))::bit(64)::bigint <= at AS by_then
    ) AS known
    WHERE low < high
)
SELECT low FROM bisected WHERE low = high ORDER BY place
"""

# How many entries the candidates have, counted to a thousand at most: enough to find the rarest.
COUNT_TAGS = """
SELECT (SELECT count(*) FROM (SELECT FROM log.tags WHERE tag = wanted.tag LIMIT 1000) AS counted)
FROM unnest(%(tags)s::bigint[]) WITH ORDINALITY AS wanted (tag, place) ORDER BY place
"""
COUNT_SOURCE = (
    "SELECT count(*) FROM (SELECT FROM log.entries WHERE source = %(source)s LIMIT 1000) AS counted"
)
MANY = 1000

_RANGE = SQL("""
SELECT position, entry FROM log.entries WHERE position > %(after)s AND position <= %(upto)s
ORDER BY position {order} LIMIT %(limit)s
""")

# Runs of an index, each in order and limited, are merged; then entries are fetched. Rows are compared as a whole and
# sorted by all columns of the index, so that no other index gives the order: otherwise the planner, which underrates how
# selective a type is, would walk all positions.
_MERGED = SQL("""
SELECT entries.position, entries.entry FROM (
    SELECT run.position FROM ({runs}) AS runs (type) CROSS JOIN LATERAL (
        SELECT t.position FROM {table} AS t
        WHERE ({columns}, t.position) > ({start}, %(after)s) AND ({columns}, t.position) <= ({start}, %(upto)s)
            AND {rest}
        ORDER BY {sorted}, t.position {order} LIMIT %(limit)s
    ) AS run ORDER BY run.position {order} LIMIT %(limit)s
) AS found JOIN log.entries USING (position) ORDER BY entries.position {order}
""")
_ONE_RUN = SQL("SELECT 0")
_TYPES = SQL("SELECT unnest(%(types)s::bigint[])")
# The types that a tag has, found by skipping from one to the next.
_TYPES_OF_TAG = SQL("""
WITH RECURSIVE found (type) AS (
    (SELECT type FROM log.tags WHERE tag = %(tag)s ORDER BY type LIMIT 1)
    UNION ALL
    SELECT (SELECT t.type FROM log.tags AS t WHERE t.tag = %(tag)s AND t.type > found.type ORDER BY t.type LIMIT 1)
    FROM found WHERE found.type IS NOT NULL
) SELECT type FROM found WHERE type IS NOT NULL
""")
_NO_MORE = SQL("true")
# The rest is only compared. It is written so that no index serves it; otherwise the planner might walk that index.
_OF_SOURCE = SQL("t.source IS NOT DISTINCT FROM %(source)s")
_OF_TYPES = SQL("array_position(%(types)s::bigint[], t.type) IS NOT NULL")
_IN_ENTRY = SQL("EXISTS (SELECT FROM log.entries AS e WHERE e.position = t.position AND {})")
_ALL_TAGS = SQL("e.tags @> %(tags)s::bigint[]")
_SOURCE = SQL("e.source = %(source)s")


class _Walk(Struct, frozen=True):
    """An index to walk: its columns before the position, and the values at which a run starts and ends."""

    table: SQL
    columns: tuple[SQL, ...]
    start: SQL


_BY_TAG = _Walk(SQL("log.tags"), (SQL("t.tag"), SQL("t.type")), SQL("%(tag)s, runs.type"))
_BY_TYPE = _Walk(SQL("log.entries"), (SQL("t.type"),), SQL("runs.type"))
_BY_SOURCE = _Walk(SQL("log.entries"), (SQL("t.source"),), SQL("%(source)s"))


def select(selection: Selection, *, by_source: bool) -> Composed:
    """Choose the index to walk: the first of the tags, else the source or the types, else positions."""
    if selection.tags:
        runs = _TYPES if selection.types else _TYPES_OF_TAG
        return _merged(selection, _BY_TAG, runs, _rest_of_tagged(selection))
    if by_source:
        return _merged(selection, _BY_SOURCE, _ONE_RUN, _OF_TYPES if selection.types else _NO_MORE)
    if selection.types:
        return _merged(selection, _BY_TYPE, _TYPES, _NO_MORE if selection.source is None else _OF_SOURCE)
    return _RANGE.format(order=_order(selection))


def _order(selection: Selection) -> SQL:
    return SQL("DESC") if selection.backwards else SQL("ASC")


def _merged(selection: Selection, walk: _Walk, runs: SQL, rest: SQL | Composed) -> Composed:
    order = _order(selection)
    return _MERGED.format(
        runs=runs,
        table=walk.table,
        columns=SQL(", ").join(walk.columns),
        sorted=SQL(", ").join(SQL("{} {}").format(column, order) for column in walk.columns),
        start=walk.start,
        rest=rest,
        order=order,
    )


def parameters(selection: Selection) -> dict[str, Any]:
    """Return the parameters of `select`."""
    return {
        "tag": selection.tags[0] if selection.tags else None,
        "tags": list(selection.tags),
        "types": list(dict.fromkeys(selection.types)),
        "source": selection.source,
        "after": selection.after,
        "limit": selection.limit,
    }


def _rest_of_tagged(selection: Selection) -> SQL | Composed:
    wanted = [_ALL_TAGS] if len(selection.tags) > 1 else []
    if selection.source is not None:
        wanted.append(_SOURCE)
    return _IN_ENTRY.format(SQL(" AND ").join(wanted)) if wanted else _NO_MORE
