"""The advisory locks of PostgreSQL: every number that Pujiang locks, in the log's database or in the key store's."""

from __future__ import annotations

from enum import IntEnum, unique


@unique
class AdvisoryLock(IntEnum):
    """A number for each purpose, since log and key store may share a database. Each spells its purpose in ASCII."""

    LOG_TABLES = 0x70756A69616E67
    """Processes that start at once create the log's tables one after the other."""
    LOG_OPEN = 0x6F70656E6C6F67
    """Shared by every connection to the log; `log_id.renew` takes it alone."""
    KEY_STORE = 0x6B65797374
    """Creating the key store's tables, and choosing its first key-encryption key."""
    READ_TABLES = 0x72656164
    """Creating the tables of the schema `read`."""
    FOLD_EMBEDDED = 0x666F6C6401
    """Shared by embedded projectors, which keep workers out."""
    FOLD_SCALED = 0x666F6C6402
    """Shared by workers, which keep embedded projectors out."""
    FOLD_ENTRY = 0x666F6C6400
    """Held while one of the two above is taken."""
    REBUILD = 0x726562756C6400
    """One rebuild of read models at a time."""
    REFOLD = 0x7265666F6C6400
    """One process folds marked rows again."""
    STATEMENTS = 0x6163636F756E74
    """One process states what read models have folded."""
    REFUSED_ROWS = 0x72656675736564
    """Creating the table of refused messages, and writing to it."""
