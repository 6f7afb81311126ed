"""The routes, made of the table of addresses."""

from __future__ import annotations

import re
from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.http.addresses.registry import PREFIX
from adapters.http.addresses.table import Addresses
from adapters.http.protocol.address import Address, Handler
from adapters.http.protocol.path import with_decoded_path
from adapters.http.registry.wire import HANDLERS


def routes(table: Addresses) -> list[BaseRoute]:
    """Return all routes, in the order in which they are tried."""
    return [
        RowRoute(table),
        *map(_route, table.own),
        registry_mount(table.registry),
        *map(_route, table.models),
    ]


def registry_mount(addresses: Sequence[Address]) -> Mount:
    """Return the mount of the registry."""
    inside = [
        Route(each.path.removeprefix(PREFIX), with_decoded_path(each.handler), methods=[each.method])
        for each in addresses
    ]
    return Mount(PREFIX, Starlette(routes=inside, exception_handlers=dict(HANDLERS)))


def _route(address: Address) -> Route:
    return Route(address.path, with_decoded_path(address.handler), methods=[address.method])


class RowRoute(Route):
    """The route of single rows: every path of two or more parts that no other address of the table can match."""

    def __init__(self, table: Addresses) -> None:
        super().__init__(table.row.path, table.row.handler, methods=[table.row.method])
        self.app = _application(with_decoded_path(table.row.handler))
        first = {each.segments[0] for each in (*table.own, *table.registry) if len(each.segments) > 1}
        last = {each.segments[1] for each in table.models if len(each.segments) > 1}
        self.path_regex = re.compile(
            rf"\A/(?!(?:{_either(first)})/)(?P<model>[^/]+)/(?!(?:{_either(last)})\Z)(?P<key>.*)\Z"
        )


def _either(texts: set[str]) -> str:
    return "|".join(map(re.escape, sorted(texts)))


def _application(handler: Handler) -> ASGIApp:
    """Return a handler as an ASGI application: the wrapper that Starlette would add costs a tenth of an item query."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        response = await handler(Request(scope, receive, send))
        await response(scope, receive, send)

    return answer
