"""The HTTP application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware

from adapters.http.addresses.routes import routes
from adapters.http.addresses.table import addresses
from adapters.http.context import Context
from adapters.http.guard import Guard
from adapters.http.handlers import Handlers
from adapters.http.protocol import problems


def create_app(context: Context) -> Starlette:
    """Return the application over a context."""
    handlers = Handlers(context)

    @asynccontextmanager
    async def running(_: Starlette) -> AsyncIterator[None]:
        async with handlers.running():
            yield

    app = Starlette(
        routes=routes(addresses(handlers)),
        middleware=[Middleware(Guard, hosts=context.hosts, requests=context.metrics.requests)],
        exception_handlers=dict(problems.HANDLERS),
        lifespan=running,
    )
    app.router.redirect_slashes = False  # an address is what it is, and a redirect would lead nowhere
    return app
