"""The command line `pujiang`."""

from __future__ import annotations

import os
import signal

INTERRUPTED = 128 + signal.SIGINT


def end_at_once(*_: object) -> None:
    """End this process, which holds nothing yet or no longer: an exception amid imports may leave a traceback."""
    os._exit(INTERRUPTED)


def main() -> None:
    """Run the command line."""
    signal.signal(signal.SIGINT, end_at_once)
    # Processes that we start import this module anew; they need none of the commands, which take 40 MB in each.
    from adapters.cli.app import run  # noqa: PLC0415 - see above

    run()
