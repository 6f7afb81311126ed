"""The settings of a process: read from the environment once and checked at once, each fault in one line."""

import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from adapters.kafka.settings import Kafka, read_kafka
from adapters.postgres.connections import is_address
from adapters.process.environment import Environment, SettingsFault, file, number

SUBSCRIBERS = 256
"""How many may read live streams at a time by default; each holds a connection."""

_LAST_PORT = 65535
_MOST_SUBSCRIBERS = 100_000
_LONGEST_SECONDS = 86_400
_LONGEST_PATIENCE = 3600
_MOST_PERCENT = 50


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Where data is kept, where the API is served, and how often what runs beside it does its work."""

    home: Path
    database_url: str | None  # None: the embedded server in the data home
    keys_url: str
    host: str
    port: int
    subscribers: int  # how many may read live streams at a time
    tls_cert: Path | None
    tls_key: Path | None
    tls_client_ca: Path | None
    kafka: Kafka
    origin: str = "pujiang"
    policy: Path | None = None
    checkpoint_seconds: int = 5
    inbox_patience: int = 60  # seconds
    statement_seconds: int = 60
    shadow_percent: int = 5  # of a core, for the shadow check; 0: none


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of an environment; an empty variable counts as absent. Raises SettingsFault."""
    environment = {name: value for name, value in environ.items() if value}
    home = Path(environment.get("PUJIANG_HOME", ".pujiang")).expanduser().absolute()
    settings = Settings(
        home=home,
        database_url=_database_url(environment),
        keys_url=environment.get("PUJIANG_KEYS_URL", f"sqlite:///{home}/keys/keys.db"),
        host=environment.get("PUJIANG_HOST", "127.0.0.1"),
        port=number(environment, "PUJIANG_PORT", 8000, "a port (0: any that is free)", most=_LAST_PORT),
        subscribers=number(
            environment,
            "PUJIANG_SUBSCRIBERS",
            SUBSCRIBERS,
            "a number (0: no streams)",
            most=_MOST_SUBSCRIBERS,
        ),
        tls_cert=file(environment, "PUJIANG_TLS_CERT"),
        tls_key=file(environment, "PUJIANG_TLS_KEY"),
        tls_client_ca=file(environment, "PUJIANG_TLS_CLIENT_CA"),
        kafka=read_kafka(environment),
        origin=_origin(environment),
        policy=file(environment, "PUJIANG_POLICY"),
        inbox_patience=_seconds(environment, "PUJIANG_INBOX_PATIENCE", 60, least=0, most=_LONGEST_PATIENCE),
        checkpoint_seconds=_seconds(environment, "PUJIANG_CHECKPOINT_SECONDS", 5),
        statement_seconds=_seconds(environment, "PUJIANG_STATEMENT_SECONDS", 60),
        shadow_percent=number(
            environment, "PUJIANG_SHADOW_PERCENT", 5, "a percentage (0: no shadow check)", most=_MOST_PERCENT
        ),
    )
    _check_tls(settings)
    return settings


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach the host."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _database_url(environment: Environment) -> str | None:
    url = environment.get("DATABASE_URL")
    if url is not None and not is_address(url):  # the sentence does not repeat it: it may have a password
        raise SettingsFault(
            "DATABASE_URL is not a PostgreSQL address such as postgresql://user@host/database"
        )
    return url


def _origin(environment: Environment) -> str:
    text = environment.get("PUJIANG_ORIGIN", "pujiang").rstrip("/")
    if not text or "+" in text or not text.isprintable() or any(map(str.isspace, text)):
        raise SettingsFault(
            f"PUJIANG_ORIGIN is {text!r}: give a name such as example.org/log, without spaces and without '+'"
        )
    return text


def _seconds(
    environment: Environment, name: str, default: int, *, least: int = 1, most: int = _LONGEST_SECONDS
) -> int:
    return number(environment, name, default, "a number of seconds", least=least, most=most)


def _check_tls(settings: Settings) -> None:
    """Require client certificates unless only this machine can reach the server."""
    if (settings.tls_cert is None) != (settings.tls_key is None):
        raise SettingsFault("PUJIANG_TLS_CERT and PUJIANG_TLS_KEY go together: set both or neither")
    if settings.tls_client_ca is not None and settings.tls_cert is None:
        raise SettingsFault("PUJIANG_TLS_CLIENT_CA needs PUJIANG_TLS_CERT and PUJIANG_TLS_KEY")
    if settings.tls_client_ca is None and not is_loopback(settings.host):
        raise SettingsFault(
            f"PUJIANG_HOST {settings.host} can be reached from other machines: set PUJIANG_TLS_CERT, PUJIANG_TLS_KEY "
            "and PUJIANG_TLS_CLIENT_CA, or use 127.0.0.1"
        )
