"""The log's tables. Only `log.entries.entry` is original: every other column and table but `log.marks` follows from it."""

from __future__ import annotations

from psycopg import Connection

_DDL = """
CREATE SCHEMA IF NOT EXISTS log;

-- One row: the append lock, the counter and the clock. Most of its page stays free, so that an update finds room
-- beside it and touches no index.
CREATE TABLE IF NOT EXISTS log.head (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    position bigint NOT NULL DEFAULT 0,
    recorded_at bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 10);
CREATE UNIQUE INDEX IF NOT EXISTS head_is_one ON log.head ((true));
INSERT INTO log.head DEFAULT VALUES ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS log.entries (
    position bigint CONSTRAINT entries_position PRIMARY KEY,
    identity uuid NOT NULL CONSTRAINT entries_identity UNIQUE,
    type bigint NOT NULL,
    source bigint NOT NULL,
    tags bigint[] NOT NULL,
    entry bytea NOT NULL
);
CREATE INDEX IF NOT EXISTS entries_type ON log.entries (type, position);
CREATE INDEX IF NOT EXISTS entries_source ON log.entries (source, position);
-- Not compressed: rows below 2 kB would not be tried, sealed fields do not shrink, and where half of a 20 kB entry is
-- plain text, trying appends 2.3 times slower and reads 1.2 times slower, for 43 % less space.
ALTER TABLE log.entries ALTER COLUMN entry SET STORAGE EXTERNAL;

CREATE TABLE IF NOT EXISTS log.tags (
    tag bigint,
    type bigint,
    position bigint,
    CONSTRAINT tags_tag PRIMARY KEY (tag, type, position)
);

-- How far readers of other streams are that append what they read: moved in the transaction of the append.
CREATE TABLE IF NOT EXISTS log.marks (
    name text COLLATE "C" PRIMARY KEY,
    position bigint NOT NULL,
    waiting bigint[] NOT NULL,
    moves bigint NOT NULL,
    recorded bigint NOT NULL,
    repeated bigint NOT NULL,
    refused bigint NOT NULL
) WITH (fillfactor = 20);
"""

# The tree over the entries (docs/proof.md). `head.tree` is its size and compact range, NULL where an older log's tree is
# yet to be built; the check refuses appends of those who know of no tree. `tiles` has the hashes at heights 0, 8, 16, ...
# as they became complete, in pieces of a tile.
_TREE = """
ALTER TABLE log.head ADD COLUMN tree bytea CONSTRAINT head_tree CHECK (substr(tree, 1, 8) = int8send(position));
ALTER TABLE log.head ALTER COLUMN tree SET STORAGE PLAIN;
UPDATE log.head SET tree = int8send(0) WHERE position = 0;

CREATE TABLE log.tiles (
    level smallint,
    first bigint,
    hashes bytea NOT NULL,
    CONSTRAINT tiles_first PRIMARY KEY (level, first)
);
ALTER TABLE log.tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE TABLE log.checkpoints (
    origin text,
    size bigint,
    note text NOT NULL,
    CONSTRAINT checkpoints_size PRIMARY KEY (origin, size)
);
"""

LOCK = 0x70756A69616E67  # "pujiang": two processes that start at once make the tables one after the other


def create(connection: Connection[tuple[object, ...]]) -> None:
    """Make what of the log's schema is missing; whatever exists stays."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        if connection.execute("SELECT to_regclass('log.marks')").fetchone() == (None,):
            connection.execute(_DDL)
        if connection.execute("SELECT to_regclass('log.tiles')").fetchone() == (None,):
            connection.execute(_TREE)
