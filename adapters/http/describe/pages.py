"""`/`, `/openapi.json`, `/asyncapi.json` and `/docs`: what there is, for machines and for people; nothing comes from outside."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from adapters.contracts.published import Contract
from adapters.http.describe import asyncapi
from adapters.http.describe.openapi import document
from adapters.http.protocol.media import ENCODER, JSON
from adapters.http.registry.api import PREFIX
from projections.read_model import ReadModel

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Pujiang 浦江</title>
<link rel="stylesheet" href="/docs/files/swagger-ui.css"></head>
<body><div id="swagger-ui"></div>
<script src="/docs/files/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>
"""

_START = """SwaggerUIBundle({url: "/openapi.json", dom_id: "#swagger-ui", docExpansion: "none", validatorUrl: null});
"""

_POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"


class Pages:
    """The pages that tell what there is."""

    def __init__(self, models: tuple[ReadModel[Any], ...], contracts: Sequence[Contract]) -> None:
        self._models, self._contracts = models, contracts

    @cached_property
    def _document(self) -> bytes:
        return ENCODER.encode(document(self._models, version("pujiang")))

    @cached_property
    def _topics(self) -> dict[str, Any]:
        return asyncapi.document(self._contracts, version("pujiang"))

    async def index(self, _: Request) -> Response:
        """Answer with the addresses."""
        told = {
            "name": "Pujiang 浦江",
            "docs": "/docs",
            "openapi": "/openapi.json",
            "asyncapi": "/asyncapi.json",
            "registry": f"{PREFIX}/subjects",
            "events": "/events",
            "live": "/events/stream",
            "refused": "/refused",
            "explain": "/explain/{model}/{key}",
            "proof": [
                "/checkpoint",
                "/tile",
                "/proof/inclusion",
                "/proof/consistency",
                "/receipt/{model}/{key}",
                "/erasure/{person}/certificate",
            ],
            "system": ["/health", "/ready", "/metrics"],
            "read_models": {each.name: f"/{each.name}" for each in self._models},
        }
        return Response(ENCODER.encode(told), media_type=JSON)

    async def openapi(self, _: Request) -> Response:
        """Answer with the OpenAPI document."""
        body = await run_in_threadpool(lambda: self._document)
        return Response(body, media_type=JSON, headers={"cache-control": "no-cache"})

    async def asyncapi(self, request: Request) -> Response:
        """Answer with the AsyncAPI document, which names the registry as this client reaches it."""
        servers = asyncapi.servers(f"{request.base_url}".rstrip("/") + PREFIX)
        body = await run_in_threadpool(lambda: ENCODER.encode(self._topics | {"servers": servers}))
        return Response(body, media_type=JSON, headers={"cache-control": "no-cache"})

    async def docs(self, _: Request) -> Response:
        """Answer with the page of the OpenAPI document."""
        return HTMLResponse(_PAGE, headers={"content-security-policy": _POLICY})

    async def start(self, _: Request) -> Response:
        """Answer with the script that starts the page."""
        return Response(_START, media_type="text/javascript")

    def routes(self) -> list[BaseRoute]:
        """Return the routes of the pages."""
        return [
            Route("/", self.index),
            Route("/openapi.json", self.openapi),
            Route("/asyncapi.json", self.asyncapi),
            Route("/docs", self.docs),
            Route("/docs/start.js", self.start),
            Mount("/docs/files", StaticFiles(directory=_swagger_ui())),
        ]


def _swagger_ui() -> Path:
    """Find Swagger UI's files in the package that carries them, without importing it."""
    found = find_spec("flask_swagger_ui")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("flask-swagger-ui is not installed: its files make the page at /docs")
    return Path(found.submodule_search_locations[0]) / "dist"
