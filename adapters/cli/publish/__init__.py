"""Commands that publish events, or make some."""
