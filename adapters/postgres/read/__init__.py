"""Read models in PostgreSQL, as the projector writes them."""
