"""How long tests wait for what must come: long, because only a test that fails waits to the end, and machines are busy."""

PATIENCE = 300.0
"""Seconds."""
