"""Refused messages as rows, and how far their topic has been read: every record of the topic counts exactly once.

All of it can be dropped: it is read again from the topic, as far back as the topic keeps records.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

import psycopg
from msgspec import Struct, structs
from psycopg.rows import class_row

from adapters.locks import AdvisoryLock
from adapters.postgres.connections import Connection
from adapters.wire.refused import RefusedRow

Place = tuple[str, int, int]
"""Topic, partition and offset of a message in the inbox."""

_DDL = """
CREATE SCHEMA IF NOT EXISTS bus;
CREATE TABLE IF NOT EXISTS bus.refused (
    topic text COLLATE "C",
    partition int,
    "offset" bigint,
    code text NOT NULL,
    sentence text NOT NULL,
    rule text NOT NULL,
    source text,
    id text,
    type text,
    refused_at timestamptz NOT NULL,
    sealed bytea,
    retried_at timestamptz,
    place bigint NOT NULL,
    PRIMARY KEY (topic, partition, "offset")
);
CREATE INDEX IF NOT EXISTS refused_place ON bus.refused (topic, place);
CREATE TABLE IF NOT EXISTS bus.refused_read (topic text PRIMARY KEY, upto bigint NOT NULL);
"""
_UPTO = "SELECT upto FROM bus.refused_read WHERE topic = %s"
_MOVE = """
INSERT INTO bus.refused_read VALUES (%s, %s) ON CONFLICT (topic) DO UPDATE SET upto = excluded.upto
"""
# After a crash a message may be refused again: the last refusal is the one that counts.
_REFUSED = """
INSERT INTO bus.refused VALUES (%(topic)s, %(partition)s, %(offset)s, %(code)s, %(sentence)s, %(rule)s, %(source)s,
    %(id)s, %(type)s, %(refused_at)s, %(sealed)s, NULL, %(place)s)
ON CONFLICT (topic, partition, "offset") DO UPDATE SET code = excluded.code, sentence = excluded.sentence,
    rule = excluded.rule, source = excluded.source, id = excluded.id, type = excluded.type,
    refused_at = excluded.refused_at, sealed = excluded.sealed
"""
_RETRIED = """
UPDATE bus.refused SET retried_at = %(retried_at)s
WHERE (topic, partition, "offset") = (%(topic)s, %(partition)s, %(offset)s)
"""
_FORGET = "DELETE FROM bus.refused WHERE refused_at < %s"
SELECT = """
SELECT topic, partition, "offset", code, sentence, rule, source, id, type, refused_at, sealed, retried_at, place
FROM bus.refused
WHERE topic = %(topic)s AND place > %(after)s AND (%(code)s::text IS NULL OR code = %(code)s)
AND (%(source)s::text IS NULL OR source = %(source)s) AND (%(retried)s OR retried_at IS NULL)
AND (%(places)s::text[] IS NULL OR topic || '/' || partition || '/' || "offset" = ANY(%(places)s))
ORDER BY place LIMIT %(limit)s
"""


class RefusedQuery(Struct, frozen=True, kw_only=True):
    """Which rows are wanted of an inbox: those behind a place, of a code, of a source, at coordinates.

    With `retried`, those that have been published again are included.
    """

    after: int = -1
    code: str | None = None
    source: str | None = None
    places: Sequence[str] | None = None
    retried: bool = False
    limit: int = 100

    def parameters(self, topic: str) -> dict[str, Any]:
        """Return the parameters of SELECT."""
        return {"topic": topic, **structs.asdict(self)}


class RetriedRow(Struct, frozen=True):
    """A refused message has been published again."""

    topic: str
    partition: int
    offset: int
    retried_at: datetime


RefusedRecord = tuple[int, RefusedRow | RetriedRow | None]
"""The offset of a record of the topic of refused messages, and its contents: None if we have not written it."""


class RefusedTable:
    """The rows of refused messages. Creates its tables if they are missing; one thread uses it."""

    def __init__(self, url: str) -> None:
        self._connection: Connection = psycopg.connect(url, autocommit=True, connect_timeout=5)
        with self._connection.transaction():
            self._connection.execute("SELECT pg_advisory_xact_lock(%s)", (AdvisoryLock.REFUSED_ROWS,))
            if self._connection.execute("SELECT to_regclass('bus.refused_read')").fetchone() == (None,):
                self._connection.execute(_DDL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def upto(self, topic: str) -> int:
        """Return the offset to continue from."""
        found = self._connection.execute(_UPTO, (topic,)).fetchone()
        return 0 if found is None else int(found[0])

    def take(self, topic: str, records: Sequence[RefusedRecord], since: datetime) -> None:
        """Write records of the topic, in order. Those written before are skipped; rows from before `since` are deleted."""
        if not records:
            return
        with self._connection.transaction():
            self._connection.execute("SELECT pg_advisory_xact_lock(%s)", (AdvisoryLock.REFUSED_ROWS,))
            upto = self.upto(topic)
            cursor = self._connection.cursor()
            for offset, said in records:
                if offset >= upto and said is not None:
                    query = _REFUSED if isinstance(said, RefusedRow) else _RETRIED
                    cursor.execute(query, {**structs.asdict(said), "place": offset})
            cursor.execute(_MOVE, (topic, max(upto, records[-1][0] + 1)))
            cursor.execute(_FORGET, (since,))

    def rows(self, topic: str, wanted: RefusedQuery) -> list[RefusedRow]:
        """Return rows of an inbox, in the order in which they were refused."""
        with self._connection.cursor(row_factory=class_row(RefusedRow)) as cursor:
            return cursor.execute(SELECT, wanted.parameters(topic)).fetchall()
