"""A relay process of a test, for few read models: python -m tests.processes.relay_process URL SERVER PREFIX."""

from __future__ import annotations

import signal
import sys
import threading

from tests.processes.worker_process import few


def run(url: str, server: str, prefix: str) -> None:
    """Relay as `pujiang relay` does, until SIGTERM."""
    few()
    from adapters.kafka.settings import Kafka  # noqa: PLC0415 - after `few`
    from adapters.run.relay import end_soon, relay  # noqa: PLC0415 - the same

    stop = threading.Event()

    def told(_number: int, _frame: object) -> None:
        stop.set()
        end_soon()

    signal.signal(signal.SIGTERM, told)
    relay(Kafka(servers=(server,), topics=prefix), url, stop, lambda: None)


if __name__ == "__main__":
    run(*sys.argv[1:])
