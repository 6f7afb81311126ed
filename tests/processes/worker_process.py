"""A worker process for tests: few read models, short sessions, and a named point at which it is killed or stopped.

    python -m tests.processes.worker_process URL SERVER PREFIX [POINT]

`point:count` kills the process when it reaches the point for the last of `count` times; `point:count:stop` sends
SIGTERM instead of SIGKILL. At `stalling:FILE` the process stands still if there is such a file, which it removes.
With `supervised` as the last argument it is restarted whenever it ends.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from projections import catalogue
from tests.logs.read_models import MODELS

SESSION_SECONDS, HEARTBEAT_SECONDS = 2.0, 0.3
STALLED_SECONDS = 3.0


def limit_read_models() -> None:
    """Limit the catalogue to the read models of flow tests; call this before any other module reads it."""
    catalogue.READ_MODELS = tuple(each for each in catalogue.READ_MODELS if each.name in MODELS)


def arm(point: str) -> None:
    """Kill or stop this process once a method has been called, or has returned, as often as the point says."""
    from adapters.postgres.read.transaction import PostgresReadTransaction  # noqa: PLC0415 - after `limit_read_models`
    from streams.workers.partitions import Partitions  # noqa: PLC0415 - the same
    from streams.workers.worker import Worker  # noqa: PLC0415 - the same

    name, count, *stop = point.split(":")
    owner, method, before = {
        "spreading": (PostgresReadTransaction, "repartition", True),
        "assigned": (Partitions, "assign", True),
        "seeking": (Worker, "starts", True),
        "folding": (PostgresReadTransaction, "write", True),
        "committing": (PostgresReadTransaction, "announce", True),
        "committed": (Partitions, "take", False),
    }[name]
    number = signal.SIGTERM if stop else signal.SIGKILL
    setattr(owner, method, _deadly(getattr(owner, method), int(count), number, before=before))


def stall(flag: Path) -> None:
    """Let this process stand still once it has records to fold."""
    from adapters.run import worker as working  # noqa: PLC0415 - after `limit_read_models`
    from streams.workers.partitions import Partitions  # noqa: PLC0415 - the same
    from streams.workers.stalled import Watchdog  # noqa: PLC0415 - the same

    real = Partitions.take

    def take(*args: Any) -> None:
        if flag.exists():
            flag.unlink()
            threading.Event().wait()
        real(*args)

    setattr(Partitions, "take", take)  # noqa: B010 - mypy knows it as a method
    setattr(working, "Watchdog", partial(Watchdog, STALLED_SECONDS))  # noqa: B010 - mypy knows it as a class


def _deadly(method: Callable[..., Any], count: int, number: int, *, before: bool) -> Callable[..., Any]:
    left = [count]

    def called(*args: Any, **more: Any) -> Any:
        found = None if before else method(*args, **more)
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), number)
        return method(*args, **more) if before else found

    return called


def run(url: str, server: str, prefix: str, point: str = "") -> None:
    """Work as the process of `pujiang worker` does."""
    limit_read_models()
    from adapters.kafka.settings import Kafka  # noqa: PLC0415 - the same
    from adapters.run import worker as working  # noqa: PLC0415 - after `limit_read_models`
    from streams.workers import worker  # noqa: PLC0415 - the same

    worker.SESSION_SECONDS, worker.HEARTBEAT_SECONDS = SESSION_SECONDS, HEARTBEAT_SECONDS
    if point.startswith("stalling:"):
        stall(Path(point.removeprefix("stalling:")))
    elif point:
        arm(point)
    working.work(url, Kafka(servers=(server,), topics=prefix))


def supervise(*args: str) -> None:
    """Keep the worker running until SIGTERM."""
    from adapters.process.supervisor import supervised  # noqa: PLC0415 - it is not always wanted

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    with supervised("worker", run, *args):
        stop.wait()


if __name__ == "__main__":
    if sys.argv[-1] == "supervised":
        supervise(*sys.argv[1:-1])
    else:
        run(*sys.argv[1:])
