"""The published contracts: `events/schemas/<type>.<version>.avsc`, each with an id that never changes.

`python -m adapters.contracts.published` (`make contracts`) writes the contracts of new and compatibly changed events;
`--check` only reports what it would write. A change that is not fully compatible is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import typer
from fastavro.schema import parse_schema
from msgspec import Struct

import events
from adapters.contracts.avro_rules import broken
from events.catalogue import by_name
from events.contract import avro_schema
from streams.proof.bundle.contracts import NamedContract

FOLDER = Path(events.__file__).parent / "schemas"
IDS = "ids.json"

Schema = dict[str, Any]


class ContractFault(Exception):
    """A contract is missing, or was changed so that old bytes could no longer be read."""


class Contract(Struct, frozen=True):
    """One published version of an event's Avro schema."""

    id: int
    type: str
    version: int
    schema: Schema

    @property
    def file(self) -> str:
        """The name of the contract's file."""
        return f"{self.type}.{self.version}.avsc"

    @property
    def full_name(self) -> str:
        """The full name of the record, `pujiang.roll.StudentEnrolled`."""
        return f"{self.schema['namespace']}.{self.schema['name']}"

    def parsed(self) -> Any:
        """Return the schema in the form that fastavro takes."""
        return parse_schema(self.schema)


def published(folder: Path = FOLDER) -> list[Contract]:
    """Read all published contracts, in the order of their ids."""
    ids: Mapping[str, int] = json.loads((folder / IDS).read_text()) if (folder / IDS).exists() else {}
    return [_contract(folder, file, number) for file, number in sorted(ids.items(), key=lambda each: each[1])]


def _contract(folder: Path, file: str, number: int) -> Contract:
    name, version, _ = file.rsplit(".", 2)
    return Contract(number, name, int(version), json.loads((folder / file).read_text()))


def named_contracts(folder: Path = FOLDER) -> list[NamedContract]:
    """Return the names, ids and digests of all published contracts, in the order of their ids."""
    ids: Mapping[str, int] = json.loads((folder / IDS).read_text())
    return [
        NamedContract(file.removesuffix(".avsc"), number, sha256((folder / file).read_bytes()).hexdigest())
        for file, number in sorted(ids.items(), key=lambda each: each[1])
    ]


def latest(contracts: list[Contract]) -> dict[str, Contract]:
    """Return the newest version of each type."""
    return {each.type: each for each in sorted(contracts, key=lambda each: each.version)}


def unpublished(contracts: list[Contract]) -> Iterator[Contract]:
    """Give the contracts that event classes need and that are not published yet.

    Raises ContractFault if a change is not fully compatible with every version before it.
    """
    newest = latest(contracts)
    number = max((each.id for each in contracts), default=0)
    for name, cls in by_name().items():
        schema = avro_schema(cls, name)
        before = newest.get(name)
        if before is not None and before.schema == schema:
            continue
        for each in contracts:
            if each.type == name and (found := differences(each, schema)):
                raise ContractFault(f"{name}: {found[0]}")
        number += 1
        yield Contract(number, name, before.version + 1 if before else 1, schema)


def differences(old: Contract, new: Schema) -> list[str]:
    """Return what keeps a schema from being FULL compatible with a contract, one sentence each.

    Fields are added and removed only with a default, and none changes its type; so it is in records inside as well.
    Raises ContractFault if `new` is not a schema.
    """
    before, after = normal(old.schema), normal(new)
    if not isinstance(after, dict) or after.get("type") != "record" or after["name"] != before["name"]:
        return [f"the schema is not one of the record {before['name']}, unlike {old.file}"]
    return _of_records(before, after, "", old.file)


def _of_records(before: Schema, after: Schema, path: str, file: str) -> list[str]:
    was = {each["name"]: each for each in before["fields"]}
    now = {each["name"]: each for each in after["fields"]}
    found = []
    for name in sorted(was.keys() | now.keys()):
        if name in was and name in now:
            found += _of_types(was[name]["type"], now[name]["type"], path + name, file)
        elif "default" not in (was.get(name) or now[name]):
            found.append(f"'{path}{name}' was added or removed without a default since {file}")
    return found


def _of_types(was: Any, now: Any, path: str, file: str) -> list[str]:
    if was == now:
        return []
    match was, now:
        case {"type": "array", "items": before}, {"type": "array", "items": after}:
            return _of_types(before, after, path, file)
        case {"type": "record", "name": before}, {"type": "record", "name": after} if before == after:
            return _of_records(was, now, f"{path}.", file)
    return [f"the type of '{path}' must be the same as in {file}"]


def normal(schema: Any) -> Any:
    """Return an Avro schema in a normal form: full names, no `{"type": "string"}`.

    Raises ContractFault if it is not an Avro schema.
    """
    try:
        found = _plain(parse_schema(_plain(schema)))
        faults = list(broken(found))
    except Exception as error:
        # fastavro raises many kinds of exception for broken schemas; each of them means this.
        raise ContractFault(f"not an Avro schema: {type(error).__name__}: {error}") from error
    if faults:
        raise ContractFault(f"not an Avro schema: {'; '.join(faults)}")
    return found


def _plain(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    # fastavro adds notes of its own to a schema that it has parsed, and would trust them when it reads the schema again.
    plain = {name: _plain(value) for name, value in schema.items() if not name.startswith("__")}
    return plain["type"] if plain.keys() == {"type"} else plain


def publish(folder: Path = FOLDER) -> list[Contract]:
    """Write the contracts that are missing, and return them."""
    folder.mkdir(exist_ok=True)
    contracts = published(folder)
    made = list(unpublished(contracts))
    for each in made:
        (folder / each.file).write_text(json.dumps(each.schema, indent=2, ensure_ascii=False) + "\n")
    ids = {each.file: each.id for each in (*contracts, *made)}
    (folder / IDS).write_text(json.dumps(ids, indent=1) + "\n")
    return made


def _main(*, check: bool = False) -> None:
    """Write the contracts of new and changed events; with --check, only report what is missing."""
    try:
        made = list(unpublished(published())) if check else publish()
    except ContractFault as fault:
        typer.echo(f"pujiang: {fault}", err=True)
        raise typer.Exit(1) from None
    for each in made:
        typer.echo(f"{'missing' if check else 'written'}: {each.file} (id {each.id})")
    raise typer.Exit(1 if check and made else 0)


if __name__ == "__main__":
    typer.run(_main)
