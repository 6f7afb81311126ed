"""The table of all addresses, and the routes that are made of it."""
