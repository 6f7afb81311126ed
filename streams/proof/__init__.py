"""Proof: checkpoints, receipts, witnesses, audit bundles and the check of the whole log."""
