"""The topic of refused messages on Apache Kafka."""
