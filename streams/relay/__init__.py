"""The relay: from the log to the topics of the bus."""
