"""PostgreSQL: the log, the read models, and the queries that are served."""
