"""The guard at the gate: which hosts may be meant, and how long each answer took."""

from __future__ import annotations

from collections.abc import Collection
from time import perf_counter

from prometheus_client import Histogram
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.http.protocol.problems import Problem

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})

METHODS = frozenset({"GET", "HEAD", "POST"})
MOST_KNOWN = 100
"""So many spellings of our hosts, with their ports, are remembered."""


class Guard:
    """Refuses requests for other hosts (a page elsewhere must not reach us by rebinding a name), measures the rest."""

    def __init__(self, app: ASGIApp, hosts: Collection[str], requests: Histogram) -> None:
        self._app, self._requests = app, requests
        self._hosts = frozenset(each.lower() for each in hosts) | LOCAL_HOSTS
        self._known: set[bytes] = set()
        self._children: dict[tuple[str, str], Histogram] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 - ASGI's own
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if not self._meant(scope):
            detail = "this host is not served here: ask for localhost, or name it in the settings"
            await Problem(421, "misdirected", "Misdirected request", detail).response()(scope, receive, send)
            return
        started = perf_counter()
        await self._app(scope, receive, send)
        route = _route(scope)
        if not route.endswith("/stream"):  # a stream takes as long as its reader likes
            self._histogram(scope["method"], route).observe(perf_counter() - started)

    def _histogram(self, method: str, route: str) -> Histogram:
        labels = (method if method in METHODS else "other", route)
        found = self._children.get(labels)
        if found is None:
            found = self._children[labels] = self._requests.labels(*labels)
        return found

    def _meant(self, scope: Scope) -> bool:
        told = [value for name, value in scope["headers"] if name == b"host"]
        return len(told) == 1 and (told[0] in self._known or self._learned(told[0]))

    def _learned(self, told: bytes) -> bool:
        text = told.decode("latin-1").lower()
        host, colon, port = text.rpartition(":")
        meant = (host if colon and port.isdigit() else text) in self._hosts
        if meant and len(self._known) < MOST_KNOWN:
            self._known.add(told)
        return meant


def _route(scope: Scope) -> str:
    """Return the path of the route that answered, with where it is mounted; a mount stands for itself."""
    path = str(getattr(scope.get("route"), "path", "none"))
    return str(scope.get("root_path", "")).removesuffix(path) + path
