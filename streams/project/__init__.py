"""Project: fold what is new into the read models, or the whole log into new tables."""
