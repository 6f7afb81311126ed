"""Project: fold new events into the read models, or the whole log into new tables."""
