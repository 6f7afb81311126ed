"""The Merkle tree of the log (RFC 6962), and its verifier."""
