"""The addresses of `/registry`, a mounted application: its errors have the form that its clients expect."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.http.describe import registry as describe
from adapters.http.protocol.address import Address, Handler, Piece
from adapters.http.registry.api import RegistryApi

PREFIX = "/registry"


def registry_addresses(api: RegistryApi) -> Sequence[Address]:
    """Return the addresses of the registry."""
    return [*_subjects(api), *_schemas(api), *_settings(api)]


def _contracts(path: str, handler: Handler, piece: Piece, method: str = "GET") -> Address:
    return Address(PREFIX + path, handler, piece, index="contracts", gives="public", method=method)


def _subjects(api: RegistryApi) -> Sequence[Address]:
    subject, checked = "/subjects/{subject}", "/compatibility/subjects/{subject}/versions"
    version = f"{subject}/versions/{{version}}"
    return [
        Address(f"{PREFIX}/subjects", api.subjects, describe.SUBJECTS, index="registry", gives="public"),
        _contracts(subject, api.find, describe.FIND, "POST"),
        _contracts(subject, api.refuse, describe.REFUSAL, "DELETE"),
        _contracts(f"{subject}/versions", api.versions, describe.VERSIONS),
        _contracts(f"{subject}/versions", api.register, describe.REGISTER, "POST"),
        _contracts(version, api.version, describe.VERSION),
        _contracts(version, api.refuse, describe.REFUSAL, "DELETE"),
        _contracts(f"{version}/schema", api.version_schema, describe.VERSION_SCHEMA),
        _contracts(f"{version}/referencedby", api.referenced_by, describe.REFERENCED_BY),
        _contracts(checked, api.compatibility, describe.COMPATIBLE, "POST"),
        _contracts(f"{checked}/{{version}}", api.compatibility, describe.COMPATIBLE_WITH, "POST"),
    ]


def _schemas(api: RegistryApi) -> Sequence[Address]:
    number = "/schemas/ids/{id}"
    return [
        _contracts("/schemas", api.schemas, describe.CONTRACTS),
        _contracts("/schemas/types", api.types, describe.TYPES),
        _contracts(number, api.by_id, describe.BY_ID),
        _contracts(f"{number}/schema", api.by_id_schema, describe.BY_ID_SCHEMA),
        _contracts(f"{number}/subjects", api.by_id_subjects, describe.BY_ID_SUBJECTS),
        _contracts(f"{number}/versions", api.by_id_versions, describe.BY_ID_VERSIONS),
    ]


def _settings(api: RegistryApi) -> Sequence[Address]:
    """Return the addresses of the registry's settings, which are fixed, for all subjects or for one."""
    found = [
        _contracts("/", api.root, describe.ROOT),
        _contracts("/contexts", api.contexts, describe.CONTEXTS),
    ]
    for path, read, piece in (("/config", api.config, describe.CONFIG), ("/mode", api.mode, describe.MODE)):
        for each in (path, f"{path}/{{subject}}"):
            found.append(_contracts(each, read, piece))
            found += [_contracts(each, api.refuse, describe.REFUSAL, method) for method in ("PUT", "DELETE")]
    return found
