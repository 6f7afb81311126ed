"""The embedded PostgreSQL: a real server from a wheel, below an ordinary account."""
