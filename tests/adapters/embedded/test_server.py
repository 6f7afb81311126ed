"""The embedded server: started, shared, killed in every way, and nothing acknowledged is lost."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from adapters.embedded import orphans
from adapters.embedded import server as embedded

SMALL = {"shared_buffers": "16MB", "max_wal_size": "64MB"}

# Starts the server and says each row only after its commit has been acknowledged.
WRITER = """
import sys
from pathlib import Path
import psycopg
from adapters.embedded import server as embedded
server = embedded.start(Path(sys.argv[1]))
with psycopg.connect(server.url, autocommit=True) as connection:
    connection.execute("CREATE TABLE IF NOT EXISTS rows (n bigint PRIMARY KEY)")
    n = connection.execute("SELECT coalesce(max(n), 0) FROM rows").fetchone()[0]
    while True:
        n += 1
        connection.execute("INSERT INTO rows VALUES (%s)", (n,))
        print(n, flush=True)
"""


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@contextlib.contextmanager
def writer(home: Path) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen([sys.executable, "-c", WRITER, home], stdout=subprocess.PIPE, text=True)
    with process:
        yield process
        process.kill()


def read_rows(process: "subprocess.Popen[str]", at_least: int) -> int:
    """Read what the writer has said so far, `at_least` so many rows, and give the last."""
    assert process.stdout is not None
    last, read = 0, 0
    while read < at_least or select.select([process.stdout], [], [], 0)[0]:
        line = process.stdout.readline()
        if not line.endswith("\n"):
            break
        last, read = int(line), read + 1
    return last


def stored_rows(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        return [n for (n,) in connection.execute("SELECT n FROM rows ORDER BY n")]


def start_anew(home: Path) -> embedded.Server:
    """Start a server of our own, once the dying one has let go."""
    while not (server := embedded.start(home, SMALL)).owned:
        time.sleep(0.01)
    return server


def test_starts_durable_private_and_with_checksums(home: Path) -> None:
    with embedded.start(home, SMALL) as server, psycopg.connect(server.url) as connection:
        shown = {
            name: connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
            for name in ("data_checksums", "fsync", "listen_addresses", "server_encoding", "shared_buffers")
        }
        assert Path(connection.info.host).stat().st_mode & 0o777 == 0o700
    assert [value for row in shown.values() for value in row or ()] == ["on", "on", "", "UTF8", "16MB"]


def test_stop_leaves_no_process_and_a_second_start_keeps_everything(home: Path) -> None:
    with embedded.start(home, SMALL) as server:
        pid = server.pid
        with psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE rows AS SELECT 7::bigint AS n")
    assert not Path(f"/proc/{pid}").exists()
    with embedded.start(home, SMALL) as server:
        assert stored_rows(server.url) == [7]


def test_a_second_process_attaches_and_leaves_the_server_running(home: Path) -> None:
    program = "import sys, pathlib\nfrom adapters.embedded import server as embedded\n"
    program += "with embedded.start(pathlib.Path(sys.argv[1])) as s: print(s.owned, s.pid)"
    with embedded.start(home, SMALL) as server:
        told = subprocess.run(
            [sys.executable, "-c", program, home], capture_output=True, text=True, check=True
        )
        assert told.stdout.split() == ["False", str(server.pid)]
        psycopg.connect(server.url).close()


def test_two_that_start_at_once_share_one_server(home: Path) -> None:
    program = "import sys, pathlib\nfrom adapters.embedded import server as embedded\n"
    program += "s = embedded.start(pathlib.Path(sys.argv[1])); print(s.owned, s.pid, flush=True); input()"
    command = [sys.executable, "-c", program, str(home)]
    with contextlib.ExitStack() as stack:
        started = [
            stack.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            )
            for _ in range(3)
        ]
        told = [process.stdout.readline().split() for process in started if process.stdout]
        for process in started:
            process.communicate("\n")
    assert sorted(owned for owned, _ in told) == ["False", "False", "True"]
    assert len({pid for _, pid in told}) == 1


def test_a_killed_owner_takes_the_server_along_and_no_acknowledged_row_is_lost(home: Path) -> None:
    for _ in range(3):
        with writer(home) as process:
            before = read_rows(process, at_least=50)
            assert not embedded.start(home).owned
            process.kill()
            acknowledged = max(before, read_rows(process, at_least=10**9))
        with start_anew(home) as server:
            stored = stored_rows(server.url)
            assert stored == list(range(1, len(stored) + 1))
            assert len(stored) >= acknowledged > 0


def orphaned(home: Path) -> int:
    """Return the postmaster's number of a server whose owner was killed, and which was not told: it stands still."""
    with writer(home) as process:
        read_rows(process, at_least=1)
        pid = embedded.start(home).pid
        os.kill(pid, signal.SIGSTOP)
    return pid


def test_an_orphan_is_ended_by_the_next_start_even_if_it_stands_still(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orphans, "QUIT_SECONDS", 0.5)
    pid = orphaned(home)
    with embedded.start(home, SMALL) as server:
        assert server.owned
        assert server.pid != pid
        assert stored_rows(server.url)


def test_a_server_that_has_its_owner_is_no_orphan(home: Path) -> None:
    with writer(home) as process:
        read_rows(process, at_least=1)
        assert not orphans.Orphans(home / "postgres").end()
        assert not embedded.start(home).owned


def test_what_the_server_writes_beside_its_data_is_private(home: Path) -> None:
    embedded.start(home, SMALL).stop()
    assert (home / "postgres" / "server.log").stat().st_mode & 0o777 == 0o600


def test_a_killed_postmaster_is_replaced_and_no_acknowledged_row_is_lost(home: Path) -> None:
    for _ in range(3):
        with writer(home) as process:
            before = read_rows(process, at_least=50)
            os.kill(embedded.start(home).pid, signal.SIGKILL)
            acknowledged = max(before, read_rows(process, at_least=10**9))
            with start_anew(home) as server:
                stored = stored_rows(server.url)
        assert stored == list(range(1, len(stored) + 1))
        assert len(stored) >= acknowledged > 0


def test_the_owner_itself_can_start_again_after_its_server_was_killed(home: Path) -> None:
    first = embedded.start(home, SMALL)
    os.kill(first.pid, signal.SIGKILL)
    with start_anew(home) as second:
        psycopg.connect(second.url).close()
    first.stop()


def test_stale_locks_of_a_process_number_now_used_by_another_are_cleared(home: Path) -> None:
    embedded.start(home, SMALL).stop()
    folder = home / "postgres"
    impostor = f"{os.getpid()}\n{folder}/data\n1\n5432\n{folder}/sockets\n\n1 1\nready\n"
    (folder / "data" / "postmaster.pid").write_text(impostor)
    (folder / "sockets" / ".s.PGSQL.5432.lock").write_text(impostor)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(folder / "sockets" / ".s.PGSQL.5432"))
    with embedded.start(home, SMALL) as server:
        assert server.owned
        assert server.pid != os.getpid()


def test_a_cluster_half_made_is_made_again(home: Path) -> None:
    (home / "postgres" / "data.new").mkdir(parents=True)
    (home / "postgres" / "data.new" / "PG_VERSION").write_text("18\n")
    with embedded.start(home, SMALL) as server:
        assert not (home / "postgres" / "data.new").exists()
        psycopg.connect(server.url).close()


def test_a_home_too_deep_for_a_socket_gets_a_private_temporary_one(tmp_path: Path) -> None:
    home = tmp_path / ("深" * 40) / "home"
    with embedded.start(home, SMALL) as server:
        sockets = (home / "postgres" / "sockets").resolve()
        assert sockets.stat().st_mode & 0o777 == 0o700
        assert embedded.start(home).url == server.url
    assert not sockets.exists()


def test_a_physical_backup_starts_as_a_home_of_its_own(home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    (copy / "postgres").mkdir(parents=True)
    with embedded.start(home, SMALL) as server:
        with psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE rows AS SELECT 7::bigint AS n")
        program = server.binary("pg_basebackup")
        subprocess.run(
            [program, "-d", server.url, "-D", copy / "postgres" / "data", "--checkpoint=fast"], check=True
        )
    with embedded.start(copy, SMALL) as server:
        assert stored_rows(server.url) == [7]


def test_faults_are_sentences(home: Path) -> None:
    with (
        embedded.start(home, SMALL) as server,
        pytest.raises(embedded.ServerFault, match="no program pg_nothing"),
    ):
        server.binary("pg_nothing")
    with pytest.raises(embedded.ServerFault, match=r"did not start: .*shared_buffers"):
        embedded.start(home, {"shared_buffers": "much"})
    (home / "postgres" / "data" / "PG_VERSION").write_text("9\n")
    with pytest.raises(embedded.ServerFault, match=r"is of PostgreSQL 9, but this is PostgreSQL \d\d"):
        embedded.start(home, SMALL)


def test_only_the_main_thread_starts(home: Path) -> None:
    faults: list[embedded.ServerFault] = []

    def start() -> None:
        try:
            embedded.start(home)
        except embedded.ServerFault as fault:
            faults.append(fault)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert "main thread" in str(faults[0])


def test_each_test_has_an_empty_database(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        assert connection.info.dbname.startswith("test_")
        found = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert found == (0,)
