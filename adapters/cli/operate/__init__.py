"""Commands for those who operate a system."""
