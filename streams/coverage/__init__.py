"""Accountable coverage: what was folded and quarantined, stated in the log and checked again."""
