"""Commands that verify, and that make evidence which others verify."""
