"""A relay process for tests, with few read models: python -m tests.processes.relay_process URL SERVER PREFIX."""

from __future__ import annotations

import signal
import sys
import threading

from tests.processes.worker_process import limit_read_models


def run(url: str, server: str, prefix: str) -> None:
    """Relay as `pujiang relay` does, until SIGTERM."""
    limit_read_models()
    from adapters.kafka.settings import Kafka  # noqa: PLC0415 - after `limit_read_models`
    from adapters.run.relay import end_soon, relay  # noqa: PLC0415 - the same

    stop = threading.Event()

    def on_signal(_number: int, _frame: object) -> None:
        stop.set()
        end_soon()

    signal.signal(signal.SIGTERM, on_signal)
    relay(Kafka(servers=(server,), topics=prefix), url, stop, lambda: None)


if __name__ == "__main__":
    run(*sys.argv[1:])
