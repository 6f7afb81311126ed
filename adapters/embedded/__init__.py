"""The embedded PostgreSQL: a real server from a wheel, run by an ordinary account."""
