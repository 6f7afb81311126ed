"""The few read models that tests of flows keep, by name, and the kinds of the tags that have their rows."""

ROLL = ("students", "roll-history", "leaves", "schools", "head-counts", "persons")
KINDS = ("person", "school")
