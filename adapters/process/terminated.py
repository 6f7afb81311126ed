"""What SIGTERM raises in a command."""

from __future__ import annotations

import signal


class Terminated(SystemExit):
    """The command was told to end before it was done. A server, which is never done, has then ended well."""

    def __init__(self) -> None:
        super().__init__(128 + signal.SIGTERM)
