"""PostgreSQL: the log."""
