"""`/`, `/openapi.json`, `/asyncapi.json`, `/labels` and `/docs`: descriptions of the API; none loads anything from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, cached_property
from hashlib import sha256
from http import HTTPStatus
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from adapters.contracts.published import Contract
from adapters.http.describe import asyncapi
from adapters.http.describe.openapi import document
from adapters.http.describe.schemas import Schema
from adapters.http.protocol.address import Address
from adapters.http.protocol.cache import has_already
from adapters.http.protocol.language import language_of, negotiated
from adapters.http.protocol.media import ENCODER, JSON
from events.labels.table import Language, labels
from projections.read_model import ReadModel

_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>Pujiang 浦江</title>
<link rel="stylesheet" href="/docs/files/swagger-ui.css"></head>
<body><div id="swagger-ui"></div>
<script src="/docs/files/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>
"""

_START = """SwaggerUIBundle({url: "/openapi.json", dom_id: "#swagger-ui", docExpansion: "none", showExtensions: true, validatorUrl: null});
"""

_POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"

Encoded = Callable[[Language], tuple[bytes, str]]

LISTS = frozenset({"rows", "proof", "contracts", "pages", "system"})
"""Keys of the index with a list of addresses; every other key has a single address."""


class Pages:
    """Descriptions of the API, made of the table of addresses, in which they stand themselves."""

    def __init__(
        self,
        models: tuple[ReadModel[Any], ...],
        contracts: Sequence[Contract],
        registry: str,
        addresses: Callable[[], Sequence[Address]],
    ) -> None:
        self._models, self._contracts = models, contracts
        self._registry, self._addresses = registry, addresses
        self._document, self._labels = _encoded(self._described), _encoded(labels)
        self._files = StaticFiles(directory=_swagger_ui())

    def _described(self, language: Language) -> Schema:
        return document(self._addresses(), self._models, version("pujiang"), language)

    @cached_property
    def _topics(self) -> dict[str, Any]:
        return asyncapi.document(self._contracts, version("pujiang"))

    async def index(self, _: Request) -> Response:
        """Answer with all addresses."""
        models = {each.name: f"/{each.name}" for each in self._models}
        body = {"name": "Pujiang 浦江", **index(self._addresses()), "read_models": models}
        return Response(ENCODER.encode(body), media_type=JSON)

    async def openapi(self, request: Request) -> Response:
        """Answer with the OpenAPI document, with labels in the client's language."""
        return await _chosen(request, self._document)

    async def labels(self, request: Request) -> Response:
        """Answer with all labels in the client's language."""
        return await _chosen(request, self._labels)

    async def asyncapi(self, request: Request) -> Response:
        """Answer with the AsyncAPI document, which names the registry as this client reaches it."""
        servers = asyncapi.servers(f"{request.base_url}".rstrip("/") + self._registry)
        body = await run_in_threadpool(lambda: ENCODER.encode(self._topics | {"servers": servers}))
        return Response(body, media_type=JSON, headers={"cache-control": "no-cache"})

    async def docs(self, request: Request) -> Response:
        """Answer with a page on which to try the API: the browser asks for its document in the same language."""
        language = language_of(request.scope)
        headers = {"content-security-policy": _POLICY, **negotiated(language)}
        return HTMLResponse(_PAGE.format(language=language), headers=headers)

    async def start(self, _: Request) -> Response:
        """Answer with the script of that page."""
        return Response(_START, media_type="text/javascript")

    async def file(self, request: Request) -> Response:
        """Answer with a file of that page."""
        return await self._files.get_response(request.path_params["file"], request.scope)


def _encoded(make: Callable[[Language], object]) -> Encoded:
    """Return what encodes a document of each language once, and gives it an entity tag."""

    @cache
    def encoded(language: Language) -> tuple[bytes, str]:
        body = ENCODER.encode(make(language))
        return body, f'"{sha256(body).hexdigest()[:32]}"'

    return encoded


async def _chosen(request: Request, encoded: Encoded) -> Response:
    language = language_of(request.scope)
    body, etag = await run_in_threadpool(encoded, language)
    headers = {"cache-control": "no-cache", "etag": etag, **negotiated(language)}
    if has_already(request, etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, media_type=JSON, headers=headers)


def index(addresses: Sequence[Address]) -> dict[str, str | list[str]]:
    """Return the index of addresses: under each key one address, or the list of several."""
    found: dict[str, list[str]] = {}
    for each in addresses:
        found.setdefault(each.index, []).append(each.shown)
    return {key: list(dict.fromkeys(paths)) if key in LISTS else paths[0] for key, paths in found.items()}


def _swagger_ui() -> Path:
    """Find Swagger UI's files in the package that carries them, without importing it."""
    found = find_spec("flask_swagger_ui")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("flask-swagger-ui is not installed: its files make the page at /docs")
    return Path(found.submodule_search_locations[0]) / "dist"
