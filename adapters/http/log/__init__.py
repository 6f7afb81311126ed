"""The log over HTTP: publish, events, proofs, receipts, refused messages."""
