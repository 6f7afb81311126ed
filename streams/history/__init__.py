"""Histories read from the log and folded: as of a time, step by step, under all names of a person."""
