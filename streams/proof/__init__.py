"""Proof: checkpoints, receipts, witnesses, audit bundles, and fsck, which verifies the whole log."""
