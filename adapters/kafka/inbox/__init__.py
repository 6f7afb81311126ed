"""The inbox on Apache Kafka."""
