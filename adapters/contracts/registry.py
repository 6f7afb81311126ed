"""The registry: the published contracts in the form of Confluent's Schema Registry, for consumers of our topics.

A contract's subject is the full name of its record (RecordNameStrategy), since a topic has records of many types. The
registry is read-only: contracts are published by a release (docs/bus.md), so registering one finds it or is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from adapters.contracts.published import Contract, ContractFault, differences, normal
from adapters.wire.bad_input import UNREADABLE, BadInput
from adapters.wire.members import members

COMPATIBILITY, MODE, SCHEMA_TYPE, LATEST = "FULL_TRANSITIVE", "READONLY", "AVRO", "latest"

NO_SUBJECT, NO_VERSION, NO_SCHEMA = 40401, 40402, 40403
INCOMPATIBLE = 409
BAD_SCHEMA, BAD_VERSION, NOT_PERMITTED = 42201, 42202, 42205
STORE_FAULT = 50001

READ_ONLY = "contracts are published by a release of Pujiang, never at run time: this registry is read-only"

_LARGEST_VERSION = 2**31 - 1
_HTTP_STATUSES = 1000


class RegistryRefusal(Exception):
    """A request is refused with one of Confluent's error codes and a sentence."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code

    @property
    def status(self) -> int:
        """The HTTP status: the code itself, or its first three digits."""
        return self.code if self.code < _HTTP_STATUSES else self.code // 100


class Candidate(Struct, rename="camel"):
    """A schema as a client sends it; everything else in the request is ignored."""

    schema: str
    schema_type: str | None = None
    references: Sequence[Any] | None = None

    def parsed(self) -> Any:
        """Return the schema. Raises RegistryRefusal (42201) if it is not an Avro schema without references."""
        if self.schema_type not in (None, SCHEMA_TYPE):
            raise RegistryRefusal(BAD_SCHEMA, f"schemas are of type {SCHEMA_TYPE}, not '{self.schema_type}'")
        if self.references:
            raise RegistryRefusal(BAD_SCHEMA, "contracts have no references")
        try:
            msgspec.json.decode(self.schema)  # stricter than what tells names that stand twice
            return normal(members(self.schema.encode()))
        except (*UNREADABLE, BadInput, ContractFault) as error:
            raise RegistryRefusal(BAD_SCHEMA, f"the schema cannot be read: {error}") from error


class Registry:
    """The published contracts by id and by subject. Every refusal is a RegistryRefusal."""

    def __init__(self, contracts: Sequence[Contract]) -> None:
        self._by_id = {each.id: each for each in sorted(contracts, key=lambda each: each.id)}
        self._subjects: dict[str, list[Contract]] = {}
        for each in sorted(contracts, key=lambda each: each.version):
            self._subjects.setdefault(each.full_name, []).append(each)

    @property
    def last_id(self) -> int:
        """The largest id."""
        return max(self._by_id, default=0)

    def subjects(self, prefix: str = "") -> list[str]:
        """Return the subjects that begin with `prefix`, sorted."""
        return sorted(each for each in self._subjects if each.startswith(prefix))

    def contracts(self, prefix: str = "", *, newest: bool = False) -> list[Contract]:
        """Return the contracts, or only the newest ones, of the subjects that begin with `prefix`."""
        found = (self._subjects[each] for each in self.subjects(prefix))
        return [each for versions in found for each in (versions[-1:] if newest else versions)]

    def versions(self, subject: str) -> list[Contract]:
        """Return the contracts of a subject, the oldest first."""
        if subject not in self._subjects:
            raise RegistryRefusal(NO_SUBJECT, f"Subject '{subject}' not found.")
        return self._subjects[subject]

    def version(self, subject: str, version: str) -> Contract:
        """Return the contract of a subject under a version number or `latest`."""
        number = _number(version)
        versions = self.versions(subject)
        if number is None:
            return versions[-1]
        found = [each for each in versions if each.version == number]
        if not found:
            raise RegistryRefusal(NO_VERSION, f"Version {number} not found.")
        return found[0]

    def contract(self, number: str) -> Contract:
        """Return the contract under an id."""
        found = self._by_id.get(int(number)) if _is_number(number) else None
        if found is None:
            raise RegistryRefusal(NO_SCHEMA, f"Schema {number} not found")
        return found

    def find(self, subject: str, candidate: Candidate) -> Contract:
        """Return the contract of a subject whose schema is the candidate's."""
        schema = candidate.parsed()
        found = [each for each in self.versions(subject) if normal(each.schema) == schema]
        if not found:
            raise RegistryRefusal(NO_SCHEMA, "Schema not found")
        return found[0]

    def register(self, subject: str, candidate: Candidate) -> Contract:
        """Return the contract that equals the candidate. Anything else is refused, with what is incompatible in it."""
        schema = candidate.parsed()
        versions = self._subjects.get(subject, [])
        for each in versions:
            if normal(each.schema) == schema:
                return each
        found = self._against(versions, schema)
        if found:
            raise RegistryRefusal(INCOMPATIBLE, f"the schema is incompatible: {'; '.join(found)}")
        raise RegistryRefusal(NOT_PERMITTED, READ_ONLY)

    def incompatible(self, subject: str, candidate: Candidate, version: str | None = None) -> list[str]:
        """Return what is incompatible between a candidate and one version of a subject, or all versions.

        With a subject that does not exist everything is compatible; naming a version of it is refused.
        """
        chosen = self._subjects.get(subject, []) if version is None else [self.version(subject, version)]
        return self._against(chosen, candidate.parsed())

    @staticmethod
    def _against(versions: Sequence[Contract], schema: Any) -> list[str]:
        return [sentence for each in versions for sentence in differences(each, schema)]


def _number(version: str) -> int | None:
    """Return the number of a version, None for the latest, which some clients call -1."""
    if version in (LATEST, "-1"):
        return None
    if not _is_number(version) or not 1 <= int(version) <= _LARGEST_VERSION:
        allowed = f'Allowed values are between [1, 2^31-1] and the string "{LATEST}"'
        raise RegistryRefusal(BAD_VERSION, f"'{version}' is not a valid version id. {allowed}")
    return int(version)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= len(str(_LARGEST_VERSION))
