"""The log's tables. Only `log.entries.entry` is original.

Everything else, except `log.marks` and `log.clock`, can be derived from it.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import Connection
from psycopg.sql import SQL

from adapters.locks import AdvisoryLock
from adapters.postgres.connections import unavailable

_DDL = """
CREATE SCHEMA IF NOT EXISTS log;

-- One row: the append lock, the counter and the clock. Most of its page stays free, so that an update finds room
-- beside it and touches no index.
CREATE TABLE log.head (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    position bigint NOT NULL DEFAULT 0,
    recorded_at bigint NOT NULL DEFAULT 0,
    -- The id of the key store that the log was first opened with, and is opened with ever after.
    key_store text,
    -- The tree over the entries (docs/proof.md): its size, which is the position, and its compact range.
    tree bytea STORAGE PLAIN NOT NULL DEFAULT int8send(0)
        CONSTRAINT head_tree CHECK (substr(tree, 1, 8) = int8send(position))
) WITH (fillfactor = 10);
CREATE UNIQUE INDEX head_is_one ON log.head ((true));
INSERT INTO log.head DEFAULT VALUES;

CREATE TABLE log.entries (
    position bigint CONSTRAINT entries_position PRIMARY KEY,
    identity uuid NOT NULL CONSTRAINT entries_identity UNIQUE,
    type bigint NOT NULL,
    source bigint NOT NULL,
    tags bigint[] NOT NULL,
    -- Not compressed: PostgreSQL does not try rows below 2 kB, and sealed fields do not shrink. With 20 kB entries, half
    -- of each plain text, compression saves 43 % of the space but appends 2.3 times and reads 1.2 times slower.
    entry bytea STORAGE EXTERNAL NOT NULL
);
CREATE INDEX entries_type ON log.entries (type, position);
CREATE INDEX entries_source ON log.entries (source, position);

CREATE TABLE log.tags (
    tag bigint,
    type bigint,
    position bigint,
    -- When the event occurred, if it was not on time.
    late_at bigint,
    CONSTRAINT tags_tag PRIMARY KEY (tag, type, position)
);
CREATE INDEX tags_late ON log.tags (tag, type, late_at, position) WHERE late_at IS NOT NULL;

-- How far readers of other streams are which append what they read: moved in the transaction of the append.
CREATE TABLE log.marks (
    name text COLLATE "C" PRIMARY KEY,
    position bigint NOT NULL,
    waiting bigint[] NOT NULL,
    moves bigint NOT NULL,
    recorded bigint NOT NULL,
    repeated bigint NOT NULL,
    refused bigint NOT NULL
) WITH (fillfactor = 20);

-- One row, once the log has been used: what was last seen of the clock, and whether it is believed (docs/operations.md).
CREATE TABLE log.clock (
    seen_at bigint NOT NULL,
    trusted_at bigint NOT NULL,
    doubted_since bigint,
    waited bigint NOT NULL
);
CREATE UNIQUE INDEX clock_is_one ON log.clock ((true));

-- The hashes of the tree at heights 0, 8, 16, ... as they became complete, in pieces of a tile.
CREATE TABLE log.tiles (
    level smallint,
    first bigint,
    hashes bytea STORAGE EXTERNAL NOT NULL,
    CONSTRAINT tiles_first PRIMARY KEY (level, first)
);

CREATE TABLE log.checkpoints (
    origin text,
    size bigint,
    note text NOT NULL,
    CONSTRAINT checkpoints_size PRIMARY KEY (origin, size)
);
"""

FORMAT = "Pujiang log, format 3"
"""What the schema's comment says; another number for tables that this code could not work with."""

_FOUND = """
SELECT to_regclass('log.head') IS NOT NULL, coalesce(obj_description(to_regnamespace('log'), 'pg_namespace'), '')
"""


class FormatFault(Exception):
    """The log in a database is not of the format that this code reads."""


def exists(url: str) -> bool:
    """Return whether there is a log in this database, of whatever format. Raises LogUnavailable."""
    with unavailable(), psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        return connection.execute(_FOUND).fetchall()[0][0] is True


def create(connection: Connection[tuple[Any, ...]]) -> None:
    """Create the log's schema unless it exists. Raises FormatFault if it exists in another format."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (AdvisoryLock.LOG_TABLES,))
        ((exists, comment),) = connection.execute(_FOUND).fetchall()
        if not exists:
            connection.execute(_DDL)
            connection.execute(SQL("COMMENT ON SCHEMA log IS {}").format(FORMAT))
        elif comment != FORMAT:
            raise FormatFault(
                f"the log in this database is marked '{comment}', and this version of Pujiang reads '{FORMAT}' only: "
                "use the version that created it, or another database"
            )
