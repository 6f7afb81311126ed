"""Finding: the index by which rows are found by their sealed names."""
