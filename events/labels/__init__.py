"""What a reader calls things: one table of labels for each language."""
