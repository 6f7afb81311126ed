"""Forms on the wire that HTTP, Kafka and the command line share."""
