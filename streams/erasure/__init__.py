"""Erasure: keys are destroyed as the log says, and a certificate says what became unreadable."""
