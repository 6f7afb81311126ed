"""Adapters to the outside: PostgreSQL, Kafka, HTTP, Avro, keys, the command line; and what runs them."""
