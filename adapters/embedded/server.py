"""The embedded PostgreSQL: a real server in the data home. It is started by this process, and ends with it.

The server's own processes hold the lock on their folder: whoever gets the lock knows that none of them is left. Clients
need no password because only this account (and root) can enter the 0700 folder of the socket.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg.conninfo import make_conninfo

from adapters.embedded import binaries, os_account
from adapters.embedded.lock import locked, record_owner
from adapters.embedded.orphans import Orphans
from adapters.embedded.os_account import ServerFault
from adapters.process.private import open_private

__all__ = ["SETTINGS", "Server", "ServerFault", "start"]

SETTINGS: Mapping[str, str] = {
    "fsync": "on",
    "jit": "off",
    "listen_addresses": "",
    "log_checkpoints": "off",
    "max_connections": "60",
    # With less of both, appending to millions of events takes twice as long as appending to thousands (docs/performance.md).
    "max_wal_size": "8GB",
    "shared_buffers": f"{os_account.buffers_mib()}MB",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "unix_socket_permissions": "0700",
}
START_SECONDS = 300.0  # recovery after a crash replays up to max_wal_size
STOP_SECONDS = 20.0
"""How long a fast stop may take, which writes a checkpoint; after an immediate one the next start recovers."""
_TRUST = ("--auth-local=trust", "--auth-host=reject")
_SOCKET = ".s.PGSQL.5432"
_SOCKET_PATH_BYTES = 103  # macOS has the shortest


class Server:
    """A running server. This process stops it only if it has started it; otherwise it is merely attached."""

    def __init__(self, folder: Path, process: "subprocess.Popen[bytes] | None") -> None:
        self.data = folder / "data"
        self.url = _url(folder)
        self._folder = folder
        self._process = process

    @property
    def owned(self) -> bool:
        """Whether this process started the server."""
        return self._process is not None

    @property
    def pid(self) -> int:
        """The postmaster's process id."""
        return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])

    @property
    def ended(self) -> bool:
        """Whether the server that this process started has ended by itself: killed, or by a fault."""
        return self._process is not None and self._process.poll() is not None

    def binary(self, name: str) -> Path:
        """The path of a PostgreSQL program, such as pg_basebackup."""
        path = _binaries(self._folder) / name
        if not path.exists():
            raise ServerFault(f"the embedded PostgreSQL has no program {name}")
        return path

    def stop(self) -> None:
        """Stop the server cleanly if this process started it."""
        if self._process is None:
            return
        _end(self._process)
        self._process = None
        sockets = self._folder / "sockets"
        if sockets.is_symlink():
            shutil.rmtree(sockets.resolve(), ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def made(home: Path) -> bool:
    """Return whether this data home has a database."""
    return (home / "postgres" / "data").exists()


def start(home: Path, settings: Mapping[str, str] = {}) -> Server:
    """Start the server of this data home with `settings` over SETTINGS, or attach to the one that is running."""
    folder = home.resolve() / "postgres"
    deadline, orphans = time.monotonic() + START_SECONDS, Orphans(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        while time.monotonic() < deadline:
            with locked(folder) as lock:
                if lock is not None:
                    return _launch(folder, lock, settings)
            if not orphans.end() and _answers(_url(folder)):
                return Server(folder, None)
            time.sleep(0.02)
    except OSError as error:
        raise ServerFault(f"cannot start the database in {folder}: {error}") from error
    raise ServerFault(f"the database in {folder} is running, but has not answered for {START_SECONDS:.0f} s")


def _launch(folder: Path, lock: int, settings: Mapping[str, str]) -> Server:
    """Start the server; the lock on its folder is held."""
    if os_account.LINUX and threading.current_thread() is not threading.main_thread():
        raise ServerFault("start the database from the main thread: it ends with the thread that started it")
    _check_version(folder)
    _clear_stale(folder)
    _prepare(folder)
    with os_account.seen_by_server(folder) as (seen, seen_fd):
        if not (folder / "data").exists():
            _initialise(folder, seen, (lock, seen_fd))
        process = _spawn(folder, seen, (lock, seen_fd), settings)
    try:
        _await_answer(folder, process)
    except BaseException:
        _end(process)
        raise
    return Server(folder, process)


def _check_version(folder: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        found = (folder / "data" / "PG_VERSION").read_text().strip()
        if found != binaries.MAJOR:
            raise ServerFault(
                f"the data in {folder} is of PostgreSQL {found}, but this is PostgreSQL {binaries.MAJOR}"
            )


def _clear_stale(folder: Path) -> None:
    """Remove what a killed server has left: after a reboot its process id may belong to another process."""
    pid_file = folder / "data" / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError, ValueError):
        pid = int(pid_file.read_text().split("\n", 1)[0])
        if _serves(pid, folder / "data"):
            raise ServerFault(f"process {pid} serves {folder} without our lock: stop it first")
        pid_file.unlink()
    for name in (_SOCKET, f"{_SOCKET}.lock"):
        (folder / "sockets" / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "data.new", ignore_errors=True)


def _serves(pid: int, data: Path) -> bool:
    """Return whether the process works in this folder, as every PostgreSQL process does."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == data
    except OSError:
        return False


def _prepare(folder: Path) -> None:
    """Bring programs, socket folder and ownership into place."""
    binaries.install(_binaries_folder(folder))
    os_account.own(folder, mode=0o711)
    if (folder / "data").exists():
        os_account.own(folder / "data", mode=0o700)
    os_account.own(_make_socket_folder(folder), mode=0o700)


def _make_socket_folder(folder: Path) -> Path:
    """Create a folder whose path is short enough for a socket: in the data home, or a temporary one."""
    sockets = folder / "sockets"
    if sockets.is_symlink() and not sockets.is_dir():
        sockets.unlink()
    if len(os.fsencode(sockets / _SOCKET)) <= _SOCKET_PATH_BYTES:
        sockets.mkdir(exist_ok=True)
    elif not sockets.exists():
        sockets.symlink_to(tempfile.mkdtemp(prefix="pujiang-"))
    return sockets.resolve()


def _initialise(folder: Path, seen: str, kept_open: Sequence[int]) -> None:
    """Create an empty database cluster, completely or not at all."""
    asked = ("--username=postgres", "--encoding=UTF8", "--locale=C", "--data-checksums", *_TRUST)
    program = _binaries(folder) / "initdb"
    made = subprocess.run(
        [program, "-D", f"{seen}/data.new", *asked],
        capture_output=True,
        check=False,
        text=True,
        **os_account.as_account(kept_open),
    )
    if made.returncode:
        raise ServerFault(f"cannot create the database in {folder}: {made.stderr.strip()}")
    (folder / "data.new").rename(folder / "data")


def _spawn(
    folder: Path, seen: str, kept_open: Sequence[int], settings: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    """Start the postmaster, tied to this process: the kernel sends it SIGQUIT when this process dies.

    SIGINT would let it finish in order, for which nobody waits, and in which it hangs if a backend was killed just before.
    """
    record_owner(folder)
    sockets = folder / "sockets"
    asked = {
        "wal_compression": "lz4" if binaries.has_lz4(_binaries(folder)) else "off",
        **SETTINGS,
        **settings,
        "unix_socket_directories": str(sockets.resolve()) if sockets.is_symlink() else f"{seen}/sockets",
    }
    options = [part for name, value in asked.items() for part in ("-c", f"{name}={value}")]
    with open_private(folder / "server.log", "a") as log:
        return subprocess.Popen(
            [_binaries(folder) / "postgres", "-D", f"{seen}/data", *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for this process, which stops the server when its own work is done
            preexec_fn=os_account.tied_to_parent(signal.SIGQUIT) if os_account.LINUX else None,  # noqa: PLW1509  no other way before exec
            **os_account.as_account(kept_open),
        )


def _await_answer(folder: Path, process: "subprocess.Popen[bytes]") -> None:
    """Wait until the server accepts connections."""
    deadline = time.monotonic() + START_SECONDS
    while not _answers(_url(folder)):
        if process.poll() is not None:
            raise ServerFault(f"the database in {folder} did not start: {_last_complaint(folder)}")
        if time.monotonic() > deadline:
            raise ServerFault(f"the database in {folder} has not answered for {START_SECONDS:.0f} s")
        time.sleep(0.01)


def _last_complaint(folder: Path) -> str:
    lines = (folder / "server.log").read_text(errors="replace").splitlines()
    fatal = [line for line in lines if "FATAL:" in line]
    return (fatal or lines or ["its log is empty"])[-1]


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Stop fast or, if that hangs, immediately: the next start recovers."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGQUIT)
        process.wait(STOP_SECONDS)


def _url(folder: Path) -> str:
    """Return the address of the server; `requirepeer` refuses a socket that another account has created."""
    sockets = (folder / "sockets").resolve()
    return make_conninfo(
        "",
        host=str(sockets),
        port=5432,
        user="postgres",
        dbname="postgres",
        requirepeer=os_account.current().pw_name,
    )


def _binaries_folder(folder: Path) -> Path:
    """Return where programs are kept: in the data home, unless the account that runs them cannot get there."""
    return (
        binaries.SHARED_CACHE
        if os_account.is_root() and not binaries.reachable_by_all(folder.parent)
        else folder
    )


def _binaries(folder: Path) -> Path:
    return binaries.install(_binaries_folder(folder))
