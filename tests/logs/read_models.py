"""The read models that flow tests keep, by name, and the kinds of tags that key their rows."""

MODELS = ("students", "roll-history", "leaves", "schools", "head-counts", "persons")
KINDS = ("person", "school")
