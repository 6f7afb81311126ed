"""The account that runs the embedded server: our own or, since PostgreSQL refuses root, an unprivileged one."""

import contextlib
import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

LINUX = sys.platform == "linux"
_PR_SET_PDEATHSIG = 1


class ServerFault(Exception):
    """The embedded server cannot run; the sentence says why."""


def buffers_mib() -> int:
    """Return the server's shared memory in MiB: an eighth of this machine's memory, at most 1 GiB."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(1024, memory // 2**23)


def is_root() -> bool:
    """Return whether this process runs as root, which PostgreSQL refuses."""
    return os.geteuid() == 0


def current() -> pwd.struct_passwd:
    """Return our own account or, for root, the first unprivileged one that exists."""
    if not is_root():
        try:
            return pwd.getpwuid(os.geteuid())
        except KeyError as error:
            raise ServerFault(
                f"PostgreSQL needs an account with a name, and user id {os.geteuid()} has none"
            ) from error
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise ServerFault(
        "PostgreSQL refuses to run as root, and there is neither an account postgres nor an account nobody"
    )


def as_account(kept_open: Sequence[int]) -> dict[str, Any]:
    """Return the options that run a child as the server's account, in a clean environment, with these files open."""
    common: dict[str, Any] = {"cwd": "/", "env": {"LC_ALL": "C"}, "pass_fds": kept_open}
    if not is_root():
        return common
    owner = current()
    return {**common, "user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


def own(path: Path, mode: int) -> None:
    """Give a folder to the server's account, with everything that a restore by root has put into it."""
    path.chmod(mode)
    owner = current()
    if path.stat().st_uid == owner.pw_uid:
        return
    inside = path.rglob("*") if path.name == "data" else ()
    for each in (path, *inside):
        os.chown(each, owner.pw_uid, owner.pw_gid, follow_symlinks=False)


@contextlib.contextmanager
def seen_by_server(folder: Path) -> Iterator[tuple[str, int]]:
    """Give a name of the folder that the server's account can use even if it may not enter the parents."""
    seen_fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield (f"/proc/self/fd/{seen_fd}" if LINUX and is_root() else str(folder)), seen_fd
    finally:
        os.close(seen_fd)


def tied_to_parent(number: signal.Signals) -> Callable[[], None]:
    """Return a function for a child to run before exec: the kernel then sends it a signal when its parent dies."""
    parent, prctl, sent = os.getpid(), ctypes.CDLL(None).prctl, int(number)

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, sent)
        if os.getppid() != parent:
            os._exit(1)

    return tie
