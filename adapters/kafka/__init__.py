"""Apache Kafka: settings, clients, topics, and an embedded broker for development and tests."""
