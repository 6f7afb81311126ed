"""Fsck: verify the whole log against its tree, its checkpoints, and everything that is derived from its entries."""
