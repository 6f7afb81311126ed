"""The rules: pure functions over folds, one module per context."""
