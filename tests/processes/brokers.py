"""Brokers of tests: small, quick to restart after being killed; and one that requires authentication."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from kafka.admin import ScramMechanism, UserScramCredentialUpsertion

from adapters.kafka import broker
from adapters.kafka.clients import admin
from tests.processes.authority import Authority

JAVA_OPTIONS = ("-Xmx384m", "-XX:TieredStopAtLevel=1")
QUICK = {
    "broker.heartbeat.interval.ms": "500",
    "broker.session.timeout.ms": "3000",
    "group.min.session.timeout.ms": "1000",
}

USER, PASSWORD = "pujiang", "not-to-be-told"
_MODULE = "org.apache.kafka.common.security"


def _secured(listeners: str, controller: str, authority: Authority) -> Mapping[str, str]:
    """Return the settings of an additional listener SECURE: TLS with certificates on both sides, and SASL."""
    secure = {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(authority.issue("broker")),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(authority.file),
        "ssl.client.auth": "required",
        "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
        "plain.sasl.jaas.config": f'{_MODULE}.plain.PlainLoginModule required user_{USER}="{PASSWORD}";',
        "scram-sha-512.sasl.jaas.config": f"{_MODULE}.scram.ScramLoginModule required;",
    }
    return {
        **QUICK,
        "listeners": listeners,
        "controller.quorum.bootstrap.servers": controller,
        "listener.security.protocol.map": "CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL",
        **{f"listener.name.secure.{name}": value for name, value in secure.items()},
    }


@contextmanager
def secured(folder: Path, programs: Path, authority: Authority) -> Iterator[str]:
    """Start a broker with a secured listener that accepts USER, and yield that listener's address."""
    ports = [broker.free_port() for _ in range(3)]
    clients, controller, secure = (f"{broker.HOST}:{each}" for each in ports)
    settings = _secured(
        f"CLIENTS://{clients},CONTROLLER://{controller},SECURE://{secure}", controller, authority
    )
    with broker.start(
        folder, port=ports[0], settings=settings, java_options=JAVA_OPTIONS, programs=programs
    ) as running:
        with admin(running.kafka) as client:
            client.alter_user_scram_credentials(
                [UserScramCredentialUpsertion(USER, ScramMechanism.SCRAM_SHA_512, PASSWORD.encode())]
            )
        yield secure
