"""Publish: judge proposed events and append those that are admitted."""
