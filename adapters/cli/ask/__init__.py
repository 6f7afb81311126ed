"""Commands that show events and rows."""
