"""Recheck: refold the log beside the live rows, and judge again what was admitted."""
