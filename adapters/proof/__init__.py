"""Proof on files and over the network: audit bundles and witnesses."""
