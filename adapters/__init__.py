"""What touches the world: PostgreSQL, HTTP, Avro, the command line, keys; the one place that wires it all."""
