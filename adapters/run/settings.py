"""What the environment tells us: read once, checked at once, each fault in one line."""

import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
import psycopg
from psycopg.conninfo import conninfo_to_dict

from adapters.kafka.settings import Kafka, read_kafka
from adapters.run.environment import SettingsFault, Told, file

__all__ = ["Settings", "SettingsFault", "is_loopback", "read_settings"]

SUBSCRIBERS = 256
"""How many may read live streams at a time by default; each holds a connection."""

_LAST_PORT = 65535
_MOST_SUBSCRIBERS = 100_000
_LONGEST_SECONDS = 86_400
_LONGEST_PATIENCE = 3600
_MOST_PERCENT = 50


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Where things are kept, and where the API is served."""

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
    """The settings of this environment; what is empty counts as absent."""
    told = {name: value for name, value in environ.items() if value}
    home = Path(told.get("PUJIANG_HOME", ".pujiang")).expanduser().absolute()
    settings = Settings(
        home=home,
        database_url=_database_url(told),
        keys_url=told.get("PUJIANG_KEYS_URL", f"sqlite:///{home}/keys/keys.db"),
        host=told.get("PUJIANG_HOST", "127.0.0.1"),
        port=_number(told, "PUJIANG_PORT", 8000, _LAST_PORT, "a number from 0 (any free port)"),
        subscribers=_number(
            told, "PUJIANG_SUBSCRIBERS", SUBSCRIBERS, _MOST_SUBSCRIBERS, "a number from 0 (no streams)"
        ),
        tls_cert=file(told, "PUJIANG_TLS_CERT"),
        tls_key=file(told, "PUJIANG_TLS_KEY"),
        tls_client_ca=file(told, "PUJIANG_TLS_CLIENT_CA"),
        kafka=read_kafka(told),
        origin=_origin(told),
        policy=file(told, "PUJIANG_POLICY"),
        inbox_patience=_number(
            told, "PUJIANG_INBOX_PATIENCE", 60, _LONGEST_PATIENCE, "a number of seconds from 0"
        ),
        checkpoint_seconds=_seconds(told, "PUJIANG_CHECKPOINT_SECONDS", 5),
        statement_seconds=_seconds(told, "PUJIANG_STATEMENT_SECONDS", 60),
        shadow_percent=_number(told, "PUJIANG_SHADOW_PERCENT", 5, _MOST_PERCENT, "a number from 0 (none)"),
    )
    _check_tls(settings)
    return settings


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the host."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _database_url(told: Told) -> str | None:
    url = told.get("DATABASE_URL")
    try:
        conninfo_to_dict(url or "")
    except psycopg.ProgrammingError:  # its message would show the password
        raise SettingsFault(
            "DATABASE_URL is no PostgreSQL address: postgresql://user@host/database"
        ) from None
    return url


def _number(told: Mapping[str, str], name: str, default: int, most: int, wanted: str) -> int:
    text = told.get(name, str(default))
    if not (text.isascii() and text.isdigit() and int(text) <= most):
        raise SettingsFault(f"{name} is {text!r}: give {wanted} to {most}")
    return int(text)


def _origin(told: Mapping[str, str]) -> str:
    text = told.get("PUJIANG_ORIGIN", "pujiang").rstrip("/")
    if not text or "+" in text or not text.isprintable() or any(map(str.isspace, text)):
        raise SettingsFault(
            f"PUJIANG_ORIGIN is {text!r}: give a name such as example.org/log, without blanks and +"
        )
    return text


def _seconds(told: Mapping[str, str], name: str, default: int) -> int:
    text = told.get(name, str(default))
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _LONGEST_SECONDS):
        raise SettingsFault(f"{name} is {text!r}: give a number from 1 to {_LONGEST_SECONDS}")
    return int(text)


def _check_tls(settings: Settings) -> None:
    """Beyond this machine only clients with a certificate are served."""
    if (settings.tls_cert is None) != (settings.tls_key is None):
        raise SettingsFault("PUJIANG_TLS_CERT and PUJIANG_TLS_KEY go together: give both or neither")
    if settings.tls_client_ca is not None and settings.tls_cert is None:
        raise SettingsFault("PUJIANG_TLS_CLIENT_CA needs PUJIANG_TLS_CERT and PUJIANG_TLS_KEY")
    if settings.tls_client_ca is None and not is_loopback(settings.host):
        raise SettingsFault(
            f"PUJIANG_HOST {settings.host} is reached from outside: give PUJIANG_TLS_CERT, PUJIANG_TLS_KEY "
            "and PUJIANG_TLS_CLIENT_CA, or keep to 127.0.0.1"
        )
