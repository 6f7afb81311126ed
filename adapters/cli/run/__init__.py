"""Commands that run the system: everything on this machine, or one part of it."""
