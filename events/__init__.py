"""The vocabulary: one module per context, one class per event. No I/O."""
