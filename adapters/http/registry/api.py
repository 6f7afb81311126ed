"""`/registry`: the published contracts over Confluent's Schema Registry API, for clients of our topics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from adapters.contracts.published import Contract
from adapters.contracts.registry import (
    COMPATIBILITY,
    MODE,
    NOT_PERMITTED,
    READ_ONLY,
    SCHEMA_TYPE,
    Registry,
    RegistryRefusal,
)
from adapters.http.registry.wire import answer, candidate, flag, object_of, page, text_of


class RegistryApi:
    """Answers as Confluent's registry does; flags that mean nothing for fixed contracts are ignored."""

    def __init__(self, contracts: Sequence[Contract]) -> None:
        self._registry = Registry(contracts)

    async def root(self, request: Request) -> Response:
        """Answer with an empty object, as the original does."""
        return answer(request, {})

    async def subjects(self, request: Request) -> Response:
        """Answer with the subjects."""
        found = self._registry.subjects(request.query_params.get("subjectPrefix", ""))
        return answer(request, page(request, found))

    async def versions(self, request: Request) -> Response:
        """Answer with the version numbers of a subject."""
        found = self._registry.versions(request.path_params["subject"])
        return answer(request, page(request, [each.version for each in found]))

    async def version(self, request: Request) -> Response:
        """Answer with one version of a subject."""
        return answer(request, object_of(self._version(request)))

    async def version_schema(self, request: Request) -> Response:
        """Answer with the schema of one version alone."""
        return answer(request, self._version(request).schema)

    async def referenced_by(self, request: Request) -> Response:
        """Answer with the ids of the contracts that refer to this one: none."""
        self._version(request)
        return answer(request, [])

    async def types(self, request: Request) -> Response:
        """Answer with the kinds of schemas."""
        return answer(request, [SCHEMA_TYPE])

    async def schemas(self, request: Request) -> Response:
        """Answer with all contracts."""
        newest = flag(request, "latestOnly")
        found = self._registry.contracts(request.query_params.get("subjectPrefix", ""), newest=newest)
        return answer(request, [object_of(each) for each in page(request, found)])

    async def by_id(self, request: Request) -> Response:
        """Answer with the schema under an id."""
        body: dict[str, Any] = {"schema": text_of(self._by_id(request)), "schemaType": SCHEMA_TYPE}
        if flag(request, "fetchMaxId"):
            body["maxId"] = self._registry.last_id
        return answer(request, body)

    async def by_id_schema(self, request: Request) -> Response:
        """Answer with the schema under an id alone."""
        return answer(request, self._by_id(request).schema)

    async def by_id_subjects(self, request: Request) -> Response:
        """Answer with the subject of an id."""
        return answer(request, [each.full_name for each in self._of_id(request)])

    async def by_id_versions(self, request: Request) -> Response:
        """Answer with subject and version of an id."""
        found = [{"subject": each.full_name, "version": each.version} for each in self._of_id(request)]
        return answer(request, found)

    async def find(self, request: Request) -> Response:
        """Answer with the contract of a subject that has this schema."""
        sent = await candidate(request)
        return answer(request, object_of(self._registry.find(request.path_params["subject"], sent)))

    async def register(self, request: Request) -> Response:
        """Answer with the id of a published schema; reject any other."""
        sent = await candidate(request)
        found = self._registry.register(request.path_params["subject"], sent)
        return answer(request, {"id": found.id})

    async def compatibility(self, request: Request) -> Response:
        """Answer whether a schema is compatible with one version of a subject, or with all."""
        sent, place = await candidate(request), request.path_params
        found = self._registry.incompatible(place["subject"], sent, place.get("version"))
        body: dict[str, Any] = {"is_compatible": not found}
        if flag(request, "verbose"):
            body["messages"] = found
        return answer(request, body)

    async def config(self, request: Request) -> Response:
        """Answer with the compatibility that each change must keep."""
        self._known(request)
        return answer(request, {"compatibilityLevel": COMPATIBILITY})

    async def mode(self, request: Request) -> Response:
        """Answer that the registry is read-only."""
        self._known(request)
        return answer(request, {"mode": MODE})

    async def contexts(self, request: Request) -> Response:
        """Answer with the only context."""
        return answer(request, page(request, ["."]))

    async def refuse(self, _: Request) -> Response:
        """Reject any change."""
        raise RegistryRefusal(NOT_PERMITTED, READ_ONLY)

    def _version(self, request: Request) -> Contract:
        return self._registry.version(request.path_params["subject"], request.path_params["version"])

    def _by_id(self, request: Request) -> Contract:
        return self._registry.contract(request.path_params["id"])

    def _of_id(self, request: Request) -> Sequence[Contract]:
        found = self._by_id(request)
        asked = request.query_params.get("subject", found.full_name)
        return page(request, [found] if asked == found.full_name else [])

    def _known(self, request: Request) -> None:
        if "subject" in request.path_params:
            self._registry.versions(request.path_params["subject"])
