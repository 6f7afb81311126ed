"""What all addresses share: grammar of queries, problems, cursors, entity tags."""
