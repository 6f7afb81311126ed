"""The settings of a command."""

from __future__ import annotations

from adapters.cli.terminal import fail
from adapters.postgres.log import schema
from adapters.run.settings import Settings, read_settings


def settings() -> Settings:
    """Return the settings from the environment."""
    return read_settings()


def existing() -> Settings:
    """Return the settings; fail if they name a data home or a database without a log: a look does not create one there."""
    found = read_settings()
    if found.database_url:
        if not schema.exists(found.database_url):
            raise fail("there is no log in this database: see DATABASE_URL, or start `pujiang serve` first")
    elif not (found.home / "postgres" / "data").exists():
        raise fail(f"there is no log in {found.home}: see PUJIANG_HOME, or start `pujiang serve` first")
    return found
