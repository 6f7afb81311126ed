"""The settings of Kafka: its address, and how clients authenticate."""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct

from adapters.process.environment import Environment, SettingsFault, choice, file
from streams.bus.topics import PREFIX

SECURITY = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")

_ADDRESS = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")
_LAST_PORT = 65535
_NAME = re.compile(r"[A-Za-z0-9._-]{1,200}")


class Kafka(Struct, frozen=True, kw_only=True):
    """The message bus: bootstrap servers (none: there is no bus), security, and the prefix of all topics."""

    servers: tuple[str, ...] = ()
    security: str = "PLAINTEXT"
    mechanism: str | None = None
    username: str | None = None
    password: str | None = None
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    topics: str = PREFIX

    @property
    def encrypted(self) -> bool:
        """Whether connections are made with TLS."""
        return self.security.endswith("SSL")


def read_kafka(environment: Environment) -> Kafka:
    """Return the settings of Kafka. Raises SettingsFault."""
    kafka = Kafka(
        servers=_servers(environment),
        security=choice(environment, "PUJIANG_KAFKA_SECURITY", SECURITY) or "PLAINTEXT",
        mechanism=choice(environment, "PUJIANG_KAFKA_SASL_MECHANISM", MECHANISMS),
        username=environment.get("PUJIANG_KAFKA_USERNAME"),
        password=environment.get("PUJIANG_KAFKA_PASSWORD"),
        ca=file(environment, "PUJIANG_KAFKA_CA"),
        cert=file(environment, "PUJIANG_KAFKA_CERT"),
        key=file(environment, "PUJIANG_KAFKA_KEY"),
        topics=_prefix(environment),
    )
    _check_sasl(kafka)
    _check_tls(kafka)
    return kafka


def _servers(environment: Environment) -> tuple[str, ...]:
    text = environment.get("PUJIANG_KAFKA", "")
    servers = tuple(each.strip() for each in text.split(",") if each.strip())
    for each in servers:
        found = _ADDRESS.fullmatch(each)
        if found is None or not 0 < int(found[2]) <= _LAST_PORT:
            raise SettingsFault(f"PUJIANG_KAFKA is {text!r}: give host:port, or several separated by commas")
    return servers


def _prefix(environment: Environment) -> str:
    prefix = environment.get("PUJIANG_TOPICS", PREFIX)
    if not _NAME.fullmatch(prefix):
        raise SettingsFault(f"PUJIANG_TOPICS is {prefix!r}: use letters, digits, '.', '_' and '-' only")
    return prefix


def _check_sasl(kafka: Kafka) -> None:
    given = (kafka.mechanism, kafka.username, kafka.password)
    if kafka.security.startswith("SASL") and None in given:
        raise SettingsFault(
            f"PUJIANG_KAFKA_SECURITY {kafka.security} needs PUJIANG_KAFKA_SASL_MECHANISM, "
            "PUJIANG_KAFKA_USERNAME and PUJIANG_KAFKA_PASSWORD"
        )
    if not kafka.security.startswith("SASL") and any(given):
        raise SettingsFault(
            "PUJIANG_KAFKA_SASL_MECHANISM, PUJIANG_KAFKA_USERNAME and PUJIANG_KAFKA_PASSWORD need "
            "PUJIANG_KAFKA_SECURITY SASL_PLAINTEXT or SASL_SSL"
        )


def _check_tls(kafka: Kafka) -> None:
    if (kafka.cert is None) != (kafka.key is None):
        raise SettingsFault("PUJIANG_KAFKA_CERT and PUJIANG_KAFKA_KEY go together: set both or neither")
    if not kafka.encrypted and (kafka.ca or kafka.cert):
        raise SettingsFault(
            "PUJIANG_KAFKA_CA, PUJIANG_KAFKA_CERT and PUJIANG_KAFKA_KEY need PUJIANG_KAFKA_SECURITY SSL or SASL_SSL"
        )
