"""The HTTP server: it takes its address first, and answers there once everything else has started."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from starlette.applications import Starlette

from adapters.http.server.config import server_config
from adapters.http.server.limits import default_limits
from adapters.process.environment import SettingsFault
from adapters.process.terminated import Terminated
from adapters.process.tuning import tune
from adapters.run.settings import Settings

GRACE_SECONDS = 5
"""How long requests may take once the server is to stop."""
TEND_TICKS = 3
"""After how many ticks, of which the server has ten a second, `tend` is called."""


class _Server(uvicorn.Server):
    """A server whose main thread calls `tend` a few times a second."""

    def __init__(self, config: uvicorn.Config, tend: Callable[[], None]) -> None:
        super().__init__(config)
        self._tend = tend

    async def on_tick(self, counter: int) -> bool:
        if counter % TEND_TICKS == 0:
            self._tend()
        return await super().on_tick(counter)


def bind(host: str, port: int) -> socket.socket:
    """Take an address, but do not answer there yet. Raises SettingsFault if it cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM
        )[0]
        taken = socket.socket(family, kind, protocol)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(address)
    except OSError as error:
        raise SettingsFault(f"cannot listen on {host}:{port}: {error.strerror}") from error
    return taken


def run(app: Starlette, settings: Settings, address: socket.socket, tend: Callable[[], None]) -> None:
    """Answer requests until SIGINT or SIGTERM; `tend` is called a few times a second, to restart what has ended."""
    config = server_config(
        app,
        default_limits(),
        timeout_graceful_shutdown=GRACE_SECONDS,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        ssl_ca_certs=None if settings.tls_client_ca is None else str(settings.tls_client_ca),
        ssl_cert_reqs=ssl.CERT_NONE if settings.tls_client_ca is None else ssl.CERT_REQUIRED,
    )
    tune()
    with suppress(Terminated):  # raised again by uvicorn, once all requests are answered
        _Server(config, tend).run(sockets=[address])
