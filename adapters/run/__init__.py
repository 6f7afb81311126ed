"""What a process of Pujiang is made of: settings, the composition root, and the loops that run."""
