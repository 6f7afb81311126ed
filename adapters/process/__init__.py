"""The process: its environment, its loops and child processes, its logging and tuning."""
