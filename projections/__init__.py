"""Read models by context: row classes, and the functions that fold events into them."""
