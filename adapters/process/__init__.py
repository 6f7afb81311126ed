"""Processes and threads: supervised, run once, beside a block; logging and tuning."""
