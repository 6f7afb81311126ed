"""What the log in PostgreSQL does when its server is away, full, slow, or it is interrupted itself."""

import time
from collections.abc import Iterator, Sequence

import psycopg
import pytest
from psycopg.pq.abc import PGresult

from adapters.postgres.connections import Connection
from adapters.postgres.log.exchange import run
from adapters.postgres.log.log import PostgresLog
from events.entry import Proposal
from streams.ports import Condition, IdentityTaken, LogUnavailable, Stale


def event(number: int) -> Proposal:
    return Proposal("s", str(number), "x", 0, ("a",), b"data")


@pytest.fixture
def log(database_url: str) -> Iterator[PostgresLog]:
    made = PostgresLog(database_url)
    made.append([event(1)])
    yield made
    made.close()


@pytest.fixture
def admin(database_url: str, log: PostgresLog) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


def positions(log: PostgresLog) -> list[int]:
    return [stored.position for stored in log.read()]


def disconnect(admin: psycopg.Connection) -> None:
    admin.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


def test_no_server_is_told_at_once() -> None:
    with pytest.raises(LogUnavailable, match="is unavailable"):
        PostgresLog("host=/nowhere dbname=none")


def test_lost_connections_are_made_again(log: PostgresLog, admin: psycopg.Connection) -> None:
    disconnect(admin)
    assert positions(log) == [1]
    assert log.append([event(2)]).first == 2
    assert positions(log) == [1, 2]


def test_connection_lost_amid_an_append_is_told(
    log: PostgresLog, admin: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object) -> bytes:
        disconnect(admin)
        return b""

    with monkeypatch.context() as patch:
        patch.setattr("adapters.postgres.log.append.entry_rows", lost)
        with pytest.raises(LogUnavailable):
            log.append([event(2)])
    assert log.append([event(2)]).first == 2


def test_full_disk_refuses_and_recovers(log: PostgresLog, admin: psycopg.Connection) -> None:
    admin.execute(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE 'no space left on device' USING ERRCODE = 'disk_full'; END $$"
    )
    admin.execute(
        "CREATE TRIGGER filled BEFORE INSERT ON log.entries FOR EACH ROW EXECUTE FUNCTION full_disk()"
    )
    with pytest.raises(LogUnavailable, match="no space left"):
        log.append([event(2)])
    assert positions(log) == [1]
    admin.execute("DROP TRIGGER filled ON log.entries")
    assert log.append([event(2)]).first == 2


def test_waiting_for_the_lock_has_an_end(log: PostgresLog, admin: psycopg.Connection) -> None:
    connection = log._appender._connection
    assert connection is not None
    connection.execute("SET transaction_timeout = '200ms'")
    with admin.transaction():
        admin.execute("SELECT FROM log.head FOR UPDATE")
        began = time.monotonic()
        with pytest.raises(LogUnavailable):
            log.append([event(2)])
        assert time.monotonic() - began < 3
    assert log.append([event(2)]).first == 2


def test_connections_are_short_lived_in_transactions(log: PostgresLog) -> None:
    connection = log._appender._connection
    assert connection is not None
    for setting in ("transaction_timeout", "idle_in_transaction_session_timeout"):
        assert connection.execute(f"SHOW {setting}").fetchone() == ("5s",)


def test_interruption_amid_a_copy_leaves_nothing(log: PostgresLog, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> bytes:
        raise KeyboardInterrupt

    for step in ("tag_rows", "entry_rows"):
        with monkeypatch.context() as patch:
            patch.setattr(f"adapters.postgres.log.append.{step}", interrupted)
            with pytest.raises(KeyboardInterrupt):
                log.append([event(2)])
        assert positions(log) == [1]
    assert log.append([event(2)]).first == 2


def test_refusal_keeps_the_connection(log: PostgresLog) -> None:
    connection = log._appender._connection
    with pytest.raises(Stale):
        log.append([event(2)], Condition(0, {0: {0}}))
    log.append([event(2)])
    assert log._appender._connection is connection


def test_commit_of_unknown_outcome_is_safe_to_repeat(
    log: PostgresLog, admin: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost_after_commit(connection: Connection, statements: bytes) -> Sequence[PGresult]:
        found = run(connection, statements)
        if b"COMMIT" in statements:
            disconnect(admin)
            raise psycopg.OperationalError("the connection was lost")
        return found

    with monkeypatch.context() as patch:
        patch.setattr("adapters.postgres.log.append.run", lost_after_commit)
        with pytest.raises(LogUnavailable):
            log.append([event(2)])
    assert log.find([("s", "2")])[("s", "2")].position == 2
    with pytest.raises(IdentityTaken):
        log.append([event(2)])
