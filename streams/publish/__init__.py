"""Publish: judge proposed events and append what is admitted."""
