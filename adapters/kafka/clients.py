"""Clients of Kafka, made from the settings."""

from __future__ import annotations

import logging
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError

from adapters.kafka.records import give_out_unreadable
from adapters.kafka.settings import Kafka
from adapters.process.environment import SettingsFault

CONNECT_MS = 10_000
"""How long a client may take to reach the first broker."""
_REJECTED = re.compile("socket disconnected|SaslAuthenticationFailed")
"""How a rejected password looks: the broker closes the connection, and its reason may be lost."""
_CONNECTING = logging.getLogger("kafka.net.manager")


class KafkaFault(Exception):
    """Kafka does not answer, or lacks what we need; the sentence says why."""


def producer(kafka: Kafka, **more: Any) -> Any:
    """Return a producer. Raises SettingsFault if there is no bus, KafkaFault if it does not answer."""
    with answering(kafka):
        return KafkaProducer(**connection(kafka), allow_auto_create_topics=False, **more)


def consumer(kafka: Kafka, **more: Any) -> Any:
    """Return a consumer of committed records, from the beginning unless `more` says otherwise; raises as `producer`.

    Records that cannot be read have the value `Unreadable`.
    """
    settings: dict[str, Any] = {
        "isolation_level": "read_committed",
        "auto_offset_reset": "earliest",
        "enable_auto_commit": False,
        "allow_auto_create_topics": False,
        **more,
    }
    with answering(kafka):
        return give_out_unreadable(KafkaConsumer(**connection(kafka), **settings))


@contextmanager
def admin(kafka: Kafka) -> Iterator[Any]:
    """Give an admin client; raises as `producer`, also if a request in the block fails."""
    with answering(kafka), KafkaAdminClient(**connection(kafka)) as client:
        yield client


def connection(kafka: Kafka) -> dict[str, Any]:
    """Return the options with which clients of kafka-python connect. Raises SettingsFault if there is no bus."""
    if not kafka.servers:
        raise SettingsFault("PUJIANG_KAFKA is not set: give the address of Kafka, such as 127.0.0.1:9092")
    return {
        "bootstrap_servers": list(kafka.servers),
        "bootstrap_timeout_ms": CONNECT_MS,
        "security_protocol": kafka.security,
        "ssl_context": tls(kafka),
        "sasl_mechanism": kafka.mechanism,
        "sasl_plain_username": kafka.username,
        "sasl_plain_password": kafka.password,
    }


def tls(kafka: Kafka) -> ssl.SSLContext | None:
    """Return the certificates of connections, None if they are not encrypted. Raises SettingsFault."""
    if not kafka.encrypted:
        return None
    try:
        context = ssl.create_default_context(cafile=kafka.ca)
        if kafka.cert and kafka.key:
            context.load_cert_chain(kafka.cert, kafka.key)
    except ssl.SSLError as error:
        raise SettingsFault(
            "PUJIANG_KAFKA_CA, PUJIANG_KAFKA_CERT and PUJIANG_KAFKA_KEY do not name valid certificates and their key"
        ) from error
    return context


@contextmanager
def answering(kafka: Kafka) -> Iterator[None]:
    """Raise KafkaFault if Kafka does not answer, or answers with an error."""
    heard = _Heard()
    _CONNECTING.addHandler(heard)
    try:
        yield
    except KafkaError as error:
        reason = heard.reason if isinstance(error, KafkaTimeoutError) else ""
        said = reason or str(error) or type(error).__name__
        if kafka.username and _REJECTED.search(said):
            said += ": check the user name and the password"
        raise KafkaFault(f"Kafka at {', '.join(kafka.servers)}: {said}") from error
    finally:
        _CONNECTING.removeHandler(heard)


class _Heard(logging.Handler):
    """Keeps why the last connection failed: kafka-python retries until its time is over, and only logs the reason."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.reason = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the exception that is logged."""
        for each in record.args if isinstance(record.args, tuple) else ():
            if isinstance(each, Exception) and not isinstance(each, KafkaTimeoutError):
                self.reason = str(each)
