"""Keys and seals: what makes personal data readable, kept outside the log so that it can be destroyed."""
