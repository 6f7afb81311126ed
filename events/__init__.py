"""The vocabulary: one package per context, one class per event. No I/O."""
