"""The schema `read`: which tables are live, how far they are, and what is held back from them."""

from __future__ import annotations

from psycopg import Connection

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

-- How far a model's rows are, by the partition of their tag's value. `epoch` rises with every change to them.
-- `applied_after` and `applied_upto`: what was folded to get there, as one stretch without a gap.
CREATE TABLE read.bookmarks (
    model text COLLATE "C",
    partition int DEFAULT 0,
    position bigint NOT NULL,
    epoch bigint NOT NULL DEFAULT 0,
    applied_after bigint,
    applied_upto bigint,
    PRIMARY KEY (model, partition)
) WITH (fillfactor = 20);

-- Events that could not be folded, and later ones of the same tags.
CREATE TABLE read.held (
    model text COLLATE "C",
    tag bigint,
    tag_text text,
    position bigint,
    type text NOT NULL,
    reason text NOT NULL,
    held_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (model, tag, position)
);

-- Values of tags that are aliases of `into`; where that is NULL they no longer are.
CREATE TABLE read.aliases (
    kind text COLLATE "C",
    value text COLLATE "C",
    "into" text,
    position bigint NOT NULL,
    PRIMARY KEY (kind, value)
);

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


def create(connection: Connection[tuple[object, ...]]) -> None:
    """Create the schema unless it exists."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (AdvisoryLock.READ_TABLES,))
        if connection.execute("SELECT to_regclass('read.outbox')").fetchone() == (None,):
            connection.execute(_DDL)
