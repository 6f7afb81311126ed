"""What the environment tells us: read once, checked at once, each fault in one line."""

import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
import psycopg
from psycopg.conninfo import conninfo_to_dict

from adapters.environment import SettingsFault, Told, file
from adapters.kafka.settings import Kafka, read_kafka

__all__ = ["Settings", "SettingsFault", "is_loopback", "read_settings"]

_LAST_PORT = 65535
_LONGEST_PATIENCE = 3600


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Where things are kept, and where the API is served."""

    home: Path
    database_url: str | None  # None: the embedded server in the data home
    keys_url: str
    host: str
    port: int
    tls_cert: Path | None
    tls_key: Path | None
    tls_client_ca: Path | None
    kafka: Kafka
    inbox_patience: int  # seconds


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this environment; what is empty counts as absent."""
    told = {name: value for name, value in environ.items() if value}
    home = Path(told.get("PUJIANG_HOME", ".pujiang")).expanduser().absolute()
    settings = Settings(
        home=home,
        database_url=_database_url(told),
        keys_url=told.get("PUJIANG_KEYS_URL", f"sqlite:///{home}/keys/keys.db"),
        host=told.get("PUJIANG_HOST", "127.0.0.1"),
        port=_port(told),
        tls_cert=file(told, "PUJIANG_TLS_CERT"),
        tls_key=file(told, "PUJIANG_TLS_KEY"),
        tls_client_ca=file(told, "PUJIANG_TLS_CLIENT_CA"),
        kafka=read_kafka(told),
        inbox_patience=_patience(told),
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


def _port(told: Told) -> int:
    text = told.get("PUJIANG_PORT", "8000")
    if not (text.isascii() and text.isdigit() and int(text) <= _LAST_PORT):
        raise SettingsFault(f"PUJIANG_PORT is {text!r}: give a number from 0 (any free port) to {_LAST_PORT}")
    return int(text)


def _patience(told: Told) -> int:
    text = told.get("PUJIANG_INBOX_PATIENCE", "60")
    if not (text.isascii() and text.isdigit() and int(text) <= _LONGEST_PATIENCE):
        raise SettingsFault(
            f"PUJIANG_INBOX_PATIENCE is {text!r}: give a number of seconds from 0 to {_LONGEST_PATIENCE}"
        )
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
