"""Processes of Pujiang: settings, the composition root, and what runs."""
