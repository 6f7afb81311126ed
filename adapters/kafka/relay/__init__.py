"""The relay on Apache Kafka."""
