"""The schema `read`: which tables are live, how far they are, and what is held back from them."""

from __future__ import annotations

from psycopg import Connection
from psycopg.sql import SQL

from adapters.locks import AdvisoryLock

_DDL = """
CREATE SCHEMA IF NOT EXISTS read;

-- The live table of each read model: queries look here which table to read.
CREATE TABLE read.models (
    name text COLLATE "C" PRIMARY KEY,
    table_name text NOT NULL,
    digest text NOT NULL,
    schema jsonb NOT NULL,
    partitions int NOT NULL DEFAULT 1
);

-- How far a model's rows are, by the partition of their tag's value. `epoch` rises with every transaction that may have
-- changed them, `version` with each that has: ETags are made from its sum.
-- `applied_after` and `applied_upto`: what was folded to get there, as one stretch without a gap.
CREATE TABLE read.bookmarks (
    model text COLLATE "C",
    partition int DEFAULT 0,
    position bigint NOT NULL,
    epoch bigint NOT NULL DEFAULT 0,
    version bigint NOT NULL DEFAULT 0,
    applied_after bigint,
    applied_upto bigint,
    PRIMARY KEY (model, partition)
) WITH (fillfactor = 20);

-- Rows that were removed, by their table: when the last of their events occurred. An earlier one is late for them.
CREATE TABLE read.removed (
    table_name text COLLATE "C",
    value text COLLATE "C",
    key text COLLATE "C",
    at bigint NOT NULL,
    PRIMARY KEY (table_name, value, key)
);

-- Events that could not be folded, and those of the same tags that occurred later.
CREATE TABLE read.held (
    model text COLLATE "C",
    tag bigint,
    tag_text text,
    occurred_at bigint NOT NULL,
    position bigint,
    type text NOT NULL,
    reason text NOT NULL,
    held_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (model, tag, position)
);

-- Rows that are folded again beside the projector: one row, or all of a value if the key is empty.
CREATE TABLE read.refolding (
    model text COLLATE "C",
    value text COLLATE "C",
    key text COLLATE "C",
    since bigint NOT NULL,
    marked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (model, value, key)
);

-- Values of tags that are aliases of `into`; where that is NULL they no longer are.
CREATE TABLE read.aliases (
    kind text COLLATE "C",
    value text COLLATE "C",
    "into" text,
    position bigint NOT NULL,
    PRIMARY KEY (kind, value)
);

-- The name index: sealed values by a keyed hash of their text (streams/finding/name_index.py).
CREATE TABLE read.names (
    hash bytea,
    sealed bytea,
    key bigint NOT NULL,
    PRIMARY KEY (hash, sealed)
);
CREATE INDEX names_key ON read.names (key);

-- How far the name index is; `changes` rises with every change to it.
CREATE TABLE read.names_standing (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    version text NOT NULL,
    position bigint NOT NULL,
    destructions bigint NOT NULL,
    changes bigint NOT NULL
) WITH (fillfactor = 20);

-- Tables that were live; they are dropped once no query can still read them.
CREATE TABLE read.retired (
    table_name text PRIMARY KEY,
    retired_at timestamptz NOT NULL DEFAULT now()
);

-- How far the shadow check is in its round, and the rows that differ.
CREATE TABLE read.shadow (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    done bigint NOT NULL,
    total bigint NOT NULL,
    round_ended bigint,
    differing jsonb NOT NULL,
    place jsonb NOT NULL
);

-- What is to be stated in the log: keys held and released, models retried and rebuilt.
CREATE TABLE read.outbox (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
    made_at timestamptz NOT NULL DEFAULT now(),
    kind text NOT NULL,
    model text NOT NULL,
    digest text NOT NULL,
    tag bigint,
    position bigint,
    told jsonb NOT NULL DEFAULT '{}'
);
"""


FORMAT = "Pujiang read models, format 4"
"""What the schema's comment says; another number for tables that this code could not work with."""

_FOUND = """
SELECT to_regnamespace('read') IS NOT NULL, obj_description(to_regnamespace('read'), 'pg_namespace')
"""


def create(connection: Connection[tuple[object, ...]]) -> None:
    """Create the schema unless it exists. One of another format is dropped: all that it holds follows from the log."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (AdvisoryLock.READ_TABLES,))
        found = connection.execute(_FOUND).fetchone()
        if found == (True, FORMAT):
            return
        if found != (False, None):
            connection.execute("DROP SCHEMA read CASCADE")
        connection.execute(_DDL)
        connection.execute(SQL("COMMENT ON SCHEMA read IS {}").format(FORMAT))
