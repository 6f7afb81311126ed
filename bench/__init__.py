"""Benchmarks: every figure beside its yardstick, taken in the same run."""
