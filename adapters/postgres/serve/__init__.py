"""Read models in PostgreSQL, as queries read them."""
