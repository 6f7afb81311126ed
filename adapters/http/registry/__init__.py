"""The Schema Registry API."""
