"""The schema `read`: which tables are live, how far they are, and what is held from them."""

from __future__ import annotations

from psycopg import Connection

_DDL = """
CREATE SCHEMA IF NOT EXISTS read;

-- The live table of each read model; readers look here at which table to read.
CREATE TABLE IF NOT EXISTS read.models (
    name text COLLATE "C" PRIMARY KEY,
    table_name text NOT NULL,
    digest text NOT NULL,
    schema jsonb NOT NULL,
    partitions int NOT NULL DEFAULT 1
);
ALTER TABLE read.models ADD COLUMN IF NOT EXISTS partitions int NOT NULL DEFAULT 1;  -- it came with the message bus

-- How far a model's rows are, by the partition of their tag's value. `epoch` rises with every change to them.
CREATE TABLE IF NOT EXISTS read.bookmarks (
    model text COLLATE "C",
    partition int DEFAULT 0,
    position bigint NOT NULL,
    epoch bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (model, partition)
) WITH (fillfactor = 20);

-- What of the log was folded to get there, as one stretch without a gap; it is not told where an older version was at work.
ALTER TABLE read.bookmarks ADD COLUMN IF NOT EXISTS applied_after bigint, ADD COLUMN IF NOT EXISTS applied_upto bigint;

-- Events that could not be taken, and those of the same tags after them.
CREATE TABLE IF NOT EXISTS read.held (
    model text COLLATE "C",
    tag bigint,
    tag_text text,
    position bigint,
    type text NOT NULL,
    reason text NOT NULL,
    held_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (model, tag, position)
);

-- Values of tags that are other names of `into`, or no longer where that is NULL.
CREATE TABLE IF NOT EXISTS read.aliases (
    kind text COLLATE "C",
    value text COLLATE "C",
    "into" text,
    position bigint NOT NULL,
    PRIMARY KEY (kind, value)
);

-- Tables that were live; they are dropped when no reader can be at them any more.
CREATE TABLE IF NOT EXISTS read.retired (
    table_name text PRIMARY KEY,
    retired_at timestamptz NOT NULL DEFAULT now()
);

-- How far the shadow check is in its round, and the rows that it found to differ.
CREATE TABLE IF NOT EXISTS read.shadow (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    done bigint NOT NULL,
    total bigint NOT NULL,
    round_ended bigint,
    differing jsonb NOT NULL,
    place jsonb NOT NULL
);

-- What is yet to be stated in the log: keys held and released, what was retried and rebuilt.
CREATE TABLE IF NOT EXISTS read.outbox (
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

# What was added last is there only together with all that was added before.
_NEWEST = """
SELECT to_regclass('read.outbox') IS NOT NULL AND EXISTS (
    SELECT FROM pg_attribute WHERE attrelid = to_regclass('read.models') AND attname = 'partitions'
)
"""
_LOCK = 0x72656164


def create(connection: Connection[tuple[object, ...]]) -> None:
    """Make what of the schema is missing, bring an older one up to date; whatever exists stays."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        if connection.execute(_NEWEST).fetchone() != (True,):
            connection.execute(_DDL)
