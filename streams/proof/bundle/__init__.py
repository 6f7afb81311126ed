"""The audit bundle: one file of entries with their proof, and its check, which imports nothing of ours but the verifier."""
