from pathlib import Path

import pytest

from adapters.process.environment import SettingsFault
from adapters.run.settings import is_loopback, read_settings


def test_nothing_told_gives_one_process_on_this_machine() -> None:
    settings = read_settings({})
    assert settings.home == Path.cwd() / ".pujiang"
    assert settings.database_url is None
    assert settings.keys_url == f"sqlite:///{settings.home}/keys/keys.db"
    assert (settings.host, settings.port, settings.subscribers) == ("127.0.0.1", 8000, 256)
    assert (settings.origin, settings.policy, settings.checkpoint_seconds) == ("pujiang", None, 5)
    assert settings.inbox_patience == 60
    assert (settings.shadow_percent, settings.statement_seconds) == (5, 60)


def test_what_is_told_is_taken(tmp_path: Path) -> None:
    for name in ("cert", "key", "ca"):
        (tmp_path / name).touch()
    settings = read_settings(
        {
            "DATABASE_URL": "postgresql://pujiang@db/pujiang",
            "PUJIANG_HOME": str(tmp_path),
            "PUJIANG_HOST": "0.0.0.0",  # noqa: S104  allowed with certificates
            "PUJIANG_INBOX_PATIENCE": "3600",
            "PUJIANG_KEYS_URL": "sqlite:////elsewhere/keys.db",
            "PUJIANG_CHECKPOINT_SECONDS": "60",
            "PUJIANG_ORIGIN": "example.org/log/",
            "PUJIANG_POLICY": str(tmp_path / "ca"),
            "PUJIANG_PORT": "0",
            "PUJIANG_SHADOW_PERCENT": "0",
            "PUJIANG_STATEMENT_SECONDS": "7",
            "PUJIANG_SUBSCRIBERS": "7",
            "PUJIANG_TLS_CERT": str(tmp_path / "cert"),
            "PUJIANG_TLS_CLIENT_CA": str(tmp_path / "ca"),
            "PUJIANG_TLS_KEY": str(tmp_path / "key"),
        }
    )
    assert settings.home == tmp_path
    assert settings.database_url == "postgresql://pujiang@db/pujiang"
    assert settings.keys_url == "sqlite:////elsewhere/keys.db"
    assert (settings.port, settings.subscribers) == (0, 7)
    assert settings.inbox_patience == 3600
    assert settings.tls_client_ca == tmp_path / "ca"
    assert (settings.origin, settings.policy) == ("example.org/log", tmp_path / "ca")
    assert (settings.checkpoint_seconds, settings.statement_seconds, settings.shadow_percent) == (60, 7, 0)


def test_empty_counts_as_absent() -> None:
    assert read_settings({"DATABASE_URL": "", "PUJIANG_PORT": ""}) == read_settings({})


@pytest.mark.parametrize(
    "environ, said",
    [
        ({"PUJIANG_PORT": "http"}, "PUJIANG_PORT is 'http'"),
        ({"PUJIANG_PORT": "65536"}, "PUJIANG_PORT is '65536'"),
        ({"PUJIANG_PORT": "-1"}, "PUJIANG_PORT is '-1'"),
        ({"PUJIANG_INBOX_PATIENCE": "3601"}, "PUJIANG_INBOX_PATIENCE is '3601'"),
        ({"PUJIANG_INBOX_PATIENCE": "1.5"}, "PUJIANG_INBOX_PATIENCE is '1.5'"),
        ({"PUJIANG_SHADOW_PERCENT": "51"}, "PUJIANG_SHADOW_PERCENT is '51'"),
        ({"DATABASE_URL": "postgres//u:secret@h"}, "DATABASE_URL is not a PostgreSQL address"),
        ({"PUJIANG_ORIGIN": "a log"}, "PUJIANG_ORIGIN is 'a log'"),
        ({"PUJIANG_ORIGIN": "a+log"}, "PUJIANG_ORIGIN is 'a+log'"),
        ({"PUJIANG_ORIGIN": "/"}, "PUJIANG_ORIGIN is ''"),
        ({"PUJIANG_POLICY": "/nowhere"}, "PUJIANG_POLICY is /nowhere"),
        ({"PUJIANG_CHECKPOINT_SECONDS": "0"}, "PUJIANG_CHECKPOINT_SECONDS is '0'"),
        ({"PUJIANG_CHECKPOINT_SECONDS": "often"}, "PUJIANG_CHECKPOINT_SECONDS is 'often'"),
        ({"PUJIANG_TLS_CERT": "/nowhere"}, "PUJIANG_TLS_CERT is /nowhere"),
        ({"PUJIANG_TLS_CERT": __file__}, "go together"),
        ({"PUJIANG_TLS_CLIENT_CA": __file__}, "PUJIANG_TLS_CLIENT_CA needs"),
        ({"PUJIANG_HOST": "10.0.0.1"}, "can be reached from other machines"),
        (
            {"PUJIANG_HOST": "::", "PUJIANG_TLS_CERT": __file__, "PUJIANG_TLS_KEY": __file__},
            "can be reached from other machines",
        ),
    ],
)
def test_a_fault_is_one_line_without_secrets(environ: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsFault) as fault:
        read_settings(environ)
    sentence = str(fault.value)
    assert said in sentence
    assert "\n" not in sentence
    assert "secret" not in sentence


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost"])
def test_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.cn"])  # noqa: S104  told apart, not bound
def test_reached_from_outside(host: str) -> None:
    assert not is_loopback(host)
