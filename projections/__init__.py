"""The read models: one module per context, row classes and their evolve."""
