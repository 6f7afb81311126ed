"""The guard at the gate: which hosts may be meant, and how long each answer took."""

from __future__ import annotations

from collections.abc import Collection, MutableMapping
from time import perf_counter
from typing import Any

from prometheus_client import Histogram
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.http.problems import Problem

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Guard:
    """Refuses requests for other hosts (a page elsewhere must not reach us by rebinding a name), measures the rest."""

    def __init__(self, app: ASGIApp, hosts: Collection[str], requests: Histogram) -> None:
        self._app, self._requests = app, requests
        self._hosts = frozenset(each.lower() for each in hosts) | LOCAL_HOSTS
        self._known: set[bytes] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 - ASGI's own
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if not self._meant(scope):
            detail = "this host is not served here: ask for localhost, or name it in the settings"
            await Problem(421, "misdirected", "Misdirected request", detail).response()(scope, receive, send)
            return
        started, status = perf_counter(), 500

        async def measured(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, measured)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self._requests.labels(_method(scope), route, status).observe(perf_counter() - started)

    def _meant(self, scope: Scope) -> bool:
        told = [value for name, value in scope["headers"] if name == b"host"]
        if len(told) != 1:
            return False
        if told[0] in self._known:
            return True
        host, colon, port = told[0].decode("latin-1").lower().rpartition(":")
        if not (colon and port.isdigit()):
            host = told[0].decode("latin-1").lower()
        meant = host in self._hosts
        if meant and len(self._known) < 100:  # noqa: PLR2004 - a few ports, not a store of what is sent
            self._known.add(told[0])
        return meant


def _method(scope: Scope) -> str:
    method: str = scope["method"]
    return method if method in ("GET", "HEAD", "POST") else "other"
