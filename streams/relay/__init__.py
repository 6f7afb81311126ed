"""Relay: fan the log out to the topics of the bus."""
