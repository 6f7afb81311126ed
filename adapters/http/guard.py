"""The guard: rejects requests for other hosts, and measures how long each answer takes."""

from __future__ import annotations

from collections.abc import Collection
from time import perf_counter

from prometheus_client import Histogram
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.http.protocol.language import language_of
from adapters.http.protocol.path import route_as_sent
from adapters.http.protocol.problems import Problem

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})

METHODS = frozenset({"GET", "HEAD", "POST"})
"""Methods with a figure of their own; all others are counted as `other`, or clients could make up figures."""

MOST_KNOWN = 100
"""How many spellings of our hosts, with their ports, are remembered: clients choose them, so there is a bound."""


class Guard:
    """Rejects requests for other hosts, by which a foreign page could reach us (DNS rebinding), and measures the rest."""

    def __init__(self, app: ASGIApp, hosts: Collection[str], requests: Histogram) -> None:
        self._app, self._requests = app, requests
        self._hosts = frozenset(each.lower() for each in hosts) | LOCAL_HOSTS
        self._known: set[bytes] = set()
        self._children: dict[tuple[str, str], Histogram] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 - ASGI's own
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if not self._is_ours(scope):
            detail = "this host is not served here: use localhost, or name the host in PUJIANG_HOST"
            problem = Problem(421, "misdirected", "Misdirected request", detail)
            await problem.response(language_of(scope))(scope, receive, send)
            return
        route_as_sent(scope)
        started = perf_counter()
        await self._app(scope, receive, send)
        route = _route(scope)
        if not route.endswith("/stream"):  # a stream lasts as long as its client likes
            self._histogram(scope["method"], route).observe(perf_counter() - started)

    def _histogram(self, method: str, route: str) -> Histogram:
        labels = (method if method in METHODS else "other", route)
        found = self._children.get(labels)
        if found is None:
            found = self._children[labels] = self._requests.labels(*labels)
        return found

    def _is_ours(self, scope: Scope) -> bool:
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        return len(hosts) == 1 and (hosts[0] in self._known or self._learn(hosts[0]))

    def _learn(self, host: bytes) -> bool:
        text = host.decode("latin-1").lower()
        name, colon, port = text.rpartition(":")
        ours = (name if colon and port.isascii() and port.isdigit() else text) in self._hosts
        if ours and len(self._known) < MOST_KNOWN:
            self._known.add(host)
        return ours


def _route(scope: Scope) -> str:
    """Return the path of the route that answered, including the mount point, or the mount point alone."""
    path = str(getattr(scope.get("route"), "path", "none"))
    return str(scope.get("root_path", "")).removesuffix(path) + path
