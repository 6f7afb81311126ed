"""A shelf in PostgreSQL, for publishers on several machines; the key-encryption key stays in a file."""
