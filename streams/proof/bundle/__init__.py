"""The audit bundle: one file of entries with what proves them, and its check, which imports nothing of ours but the verifier."""
