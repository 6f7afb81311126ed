"""The rules: pure functions over folds, one package per context."""
