"""How brokers of tests are run: small, and quick to start again after they were killed."""

JAVA_OPTIONS = ("-Xmx384m", "-XX:TieredStopAtLevel=1")
QUICK = {
    "broker.heartbeat.interval.ms": "500",
    "broker.session.timeout.ms": "3000",
    "group.min.session.timeout.ms": "1000",
}
