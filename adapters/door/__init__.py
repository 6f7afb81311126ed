"""The door: published data is checked, sealed and encoded."""
