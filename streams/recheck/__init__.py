"""Recheck: replay the log beside the live rows, and judge again what was admitted."""
