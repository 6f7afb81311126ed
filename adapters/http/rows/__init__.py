"""Rows over HTTP: queries, past rows, explanations, exports and live streams."""
