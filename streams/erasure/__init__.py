"""Erasure: destroy keys as the log demands, and certify what has become unreadable."""
