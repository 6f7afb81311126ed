"""The settings as help shows them: each is an environment variable, and an option of the commands that read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Variable(NamedTuple):
    """A setting: its environment variable, its default, and its meaning. docs/operations.md says more of each."""

    name: str
    metavar: str
    help: str
    default: str = ""

    @property
    def option(self) -> str:
        """The option of a command that sets it."""
        return "--" + self.name.removeprefix("PUJIANG_").lower().replace("_", "-")


HOME: Sequence[Variable] = (
    Variable("PUJIANG_HOME", "DIR", "Data home: the embedded database and the keys.", ".pujiang"),
)
DATA: Sequence[Variable] = (
    *HOME,
    Variable("DATABASE_URL", "URL", "A PostgreSQL server to use instead of the embedded one."),
    Variable(
        "PUJIANG_KEYS_URL", "URL", "Key store, in SQLite or PostgreSQL.", "keys/keys.db in the data home"
    ),
)
PROOF: Sequence[Variable] = (
    *DATA,
    Variable("PUJIANG_ORIGIN", "NAME", "Name of the log in checkpoints.", "pujiang"),
    Variable("PUJIANG_POLICY", "FILE", "Witnesses, and the logs to witness."),
)
BUS: Sequence[Variable] = (
    Variable("PUJIANG_KAFKA", "HOST:PORT,...", "Bootstrap servers of Kafka; without them there is no bus."),
    Variable(
        "PUJIANG_KAFKA_SECURITY", "PROTOCOL", "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.", "PLAINTEXT"
    ),
    Variable("PUJIANG_KAFKA_SASL_MECHANISM", "NAME", "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512."),
    Variable(
        "PUJIANG_KAFKA_USERNAME",
        "NAME",
        "SASL user. The password is in PUJIANG_KAFKA_PASSWORD, which is no option: others could read it.",
    ),
    Variable("PUJIANG_KAFKA_CA", "FILE", "Authority that signed the brokers' certificates.", "the system's"),
    Variable("PUJIANG_KAFKA_CERT", "FILE", "Client certificate for Kafka."),
    Variable("PUJIANG_KAFKA_KEY", "FILE", "Key of that certificate."),
    Variable("PUJIANG_TOPICS", "PREFIX", "Prefix of all topics.", "pujiang"),
)
PATIENCE: Sequence[Variable] = (
    Variable(
        "PUJIANG_INBOX_PATIENCE",
        "SECONDS",
        "How long a message that may have come too early is retried.",
        "60",
    ),
)
SERVER: Sequence[Variable] = (
    Variable(
        "PUJIANG_HOST", "ADDRESS", "Address to listen on; any but this machine's own needs TLS.", "127.0.0.1"
    ),
    Variable("PUJIANG_PORT", "PORT", "Port to listen on; 0 takes any that is free.", "8000"),
    Variable("PUJIANG_SUBSCRIBERS", "NUMBER", "Most live streams at a time.", "256"),
    Variable("PUJIANG_TLS_CERT", "FILE", "The server's certificate."),
    Variable("PUJIANG_TLS_KEY", "FILE", "Key of that certificate."),
    Variable("PUJIANG_TLS_CLIENT_CA", "FILE", "Authority whose client certificates are accepted."),
    Variable("PUJIANG_CHECKPOINT_SECONDS", "SECONDS", "Least time between checkpoints.", "5"),
    Variable("PUJIANG_STATEMENT_SECONDS", "SECONDS", "Least time between statements of coverage.", "60"),
    Variable("PUJIANG_SHADOW_PERCENT", "PERCENT", "Share of one core for the shadow check; 0: none.", "5"),
)
