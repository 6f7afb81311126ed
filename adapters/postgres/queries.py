"""The log's queries: each a walk along an index, bounded before entries are fetched."""

from __future__ import annotations

from typing import Any

from psycopg.sql import SQL, Composed

from streams.ports import Selection

ID = "SELECT id FROM log.head"

HEAD = "SELECT position FROM log.head"

CHANGES = "SELECT position, type, tags FROM log.entries WHERE position > %(after)s ORDER BY position"

FIND = "SELECT position, entry FROM log.entries WHERE identity = ANY(%(identities)s)"

# One descent serves a tag: its types lie side by side, and far ones are skipped to. Types travel as text because
# unnest would flatten an array of arrays.
HISTORIES = """
SELECT position, entry FROM log.entries WHERE position IN (
    SELECT found.position
    FROM unnest(%(tags)s::bigint[], %(types)s::text[], %(afters)s::bigint[]) AS wanted (tag, types, after)
    CROSS JOIN LATERAL (
        SELECT position FROM log.tags
        WHERE tag = wanted.tag AND type = ANY(wanted.types::bigint[]) AND position > wanted.after
    ) AS found
) ORDER BY position
"""

TAIL = """
SELECT position, entry FROM log.entries
WHERE position > %(after)s AND position <= %(upto)s AND type = ANY(%(types)s)
ORDER BY position LIMIT %(limit)s
"""

# How many entries the candidates have, none counted beyond a thousand: enough to start from the rarest.
COUNT_TAGS = """
SELECT (SELECT count(*) FROM (SELECT FROM log.tags WHERE tag = wanted.tag LIMIT 1000) AS counted)
FROM unnest(%(tags)s::bigint[]) WITH ORDINALITY AS wanted (tag, place) ORDER BY place
"""
COUNT_SOURCE = "SELECT count(*) FROM (SELECT FROM log.entries WHERE source = %(source)s LIMIT 1000) AS counted"
MANY = 1000

_RANGE = SQL("""
SELECT position, entry FROM log.entries WHERE position > %(after)s AND position <= %(upto)s
ORDER BY position {order} LIMIT %(limit)s
""")

# Runs of an index, each of which is in order and yields no more than is wanted, are merged; then entries are fetched.
_MERGED = SQL("""
SELECT entries.position, entries.entry FROM (
    SELECT run.position FROM ({runs}) AS runs (type) CROSS JOIN LATERAL (
        SELECT t.position FROM {table} AS t
        WHERE {start} AND t.position > %(after)s AND t.position <= %(upto)s AND {rest}
        ORDER BY t.position {order} LIMIT %(limit)s
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
_BY_TYPE_OF_TAG = SQL("t.tag = %(tag)s AND t.type = runs.type")
_BY_TYPE = SQL("t.type = runs.type")
_BY_SOURCE = SQL("t.source = %(source)s")
_OF_TYPES = SQL("t.type = ANY(%(types)s)")
_IN_ENTRY = SQL("EXISTS (SELECT FROM log.entries AS e WHERE e.position = t.position AND {})")
_ALL_TAGS = SQL("e.tags @> %(tags)s::bigint[]")
_SOURCE = SQL("e.source = %(source)s")

_ENTRIES = SQL("log.entries")
_TAGS = SQL("log.tags")


def select(selection: Selection, *, by_source: bool) -> Composed:
    """Choose the index to walk: the first of the tags, else the source or the types, else positions."""
    order = SQL("DESC") if selection.backwards else SQL("ASC")
    if selection.tags:
        runs = _TYPES if selection.types else _TYPES_OF_TAG
        table, start, rest = _TAGS, _BY_TYPE_OF_TAG, _rest_of_tagged(selection)
    elif by_source:
        runs, table, start = _ONE_RUN, _ENTRIES, _BY_SOURCE
        rest = _OF_TYPES if selection.types else _NO_MORE
    elif selection.types:
        runs, table, start = _TYPES, _ENTRIES, _BY_TYPE
        rest = _NO_MORE if selection.source is None else _BY_SOURCE
    else:
        return _RANGE.format(order=order)
    return _MERGED.format(runs=runs, table=table, start=start, rest=rest, order=order)


def parameters(selection: Selection) -> dict[str, Any]:
    """The parameters of `select`."""
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
