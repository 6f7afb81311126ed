"""A shelf in one SQLite file."""
