"""Verify: the whole log against its tree, its checkpoints, and all that is derived from its entries."""
