"""What the log itself states of its contracts, for comparison with those by which its data is decoded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from streams.proof.bundle import avro
from streams.proof.bundle.container import BundleFile
from streams.proof.bundle.history import parsed
from streams.proof.bundle.manifest import STATEMENTS, contract_file
from streams.proof.bundle.report import BundleReport
from streams.tree.verifier import HASH_BYTES, Checkpoint, Unproven, check_inclusion, leaf_hash

STATEMENT = "audit.ContractsPublished"
"""The type of the statements; only the system itself can make them."""

_CONTRACT = {
    "type": "record",
    "name": "PublishedContract",
    "fields": [
        {"name": "name", "type": "string"},
        {"name": "number", "type": "long"},
        {"name": "digest", "type": "string"},
    ],
}
_SCHEMA = {
    "type": "record",
    "name": "ContractsPublished",
    "fields": [
        {"name": "release", "type": "string"},
        {"name": "contracts", "type": {"type": "array", "items": _CONTRACT}},
    ],
}
# It stands here because a contract from a bundle may be the very one that was swapped.
_decode = avro.decoder(_SCHEMA)


@dataclass(frozen=True)
class NamedContract:
    """A contract such as `roll.StudentEnrolled.2`, its id in entries, and the SHA-256 of its file in hexadecimal."""

    name: str
    number: int
    digest: str

    def like(self, other: NamedContract) -> bool:
        """Return whether the other has this name or id, and must therefore be the same."""
        return self.name == other.name or self.number == other.number


@dataclass(frozen=True)
class StatedContract:
    """A contract as the entry at this position of the log states it."""

    position: int
    contract: NamedContract


def stated_contracts(position: int, entry: bytes) -> list[StatedContract]:
    """Return the contracts that an entry states; none if it is no such statement. Raises Unproven if it cannot be read."""
    if STATEMENT.encode() not in entry:
        return []
    parts = parsed(entry)
    if parts.type != STATEMENT.encode():
        return []
    data = avro.ByteReader(entry, parts.data)
    contracts = _decode(data)["contracts"]
    if data.left:
        raise Unproven("the statement goes on where it should end")
    return [StatedContract(position, NamedContract(**each)) for each in contracts]


def otherwise(contract: NamedContract, stated: Iterable[StatedContract]) -> list[int] | None:
    """Return the positions at which the log states another contract of this name or id; None if it states none at all."""
    found = [each for each in stated if contract.like(each.contract)]
    return [each.position for each in found if each.contract != contract] if found else None


def compare(
    contracts: Iterable[NamedContract],
    stated: Iterable[StatedContract],
    published: Mapping[str, NamedContract] | None,
    report: BundleReport,
) -> None:
    """Compare a bundle's contracts with what the log states, and with those that were published if they are given."""
    stated = list(stated)
    for each in contracts:
        positions = otherwise(each, stated)
        if positions is None:
            report.unstated.append(each.name)
        for position in positions or ():
            report.add(contract_file(each.name), "it is not the contract that the log states", position)
        if published is None:
            continue
        if each.name not in published:
            report.unpublished.append(each.name)
        elif published[each.name] != each:
            report.add(contract_file(each.name), "it is not the contract that was published")


def read_statements(file: BundleFile, checkpoint: Checkpoint, report: BundleReport) -> list[StatedContract]:
    """Return what the statements say that a bundle includes, each with its proof. Raises BrokenBundle."""
    found: list[StatedContract] = []
    file.rewind()
    while file.left:
        position = int.from_bytes(file.take(8), "big")
        entry = file.take(int.from_bytes(file.take(2), "big"))
        path = [file.take(HASH_BYTES) for _ in range(file.take(1)[0])]
        try:
            check_inclusion(position - 1, checkpoint.size, leaf_hash(entry), path, checkpoint.root)
            stated = stated_contracts(position, entry)
        except Unproven as error:
            report.add(STATEMENTS, str(error), position)
            continue
        if not stated:
            report.add(STATEMENTS, "it states no contract", position)
        found += stated
    return found


def statement_record(position: int, entry: bytes, path: list[bytes]) -> bytes:
    """Return a statement as a bundle includes it: an entry, with the path that proves that it is in the log."""
    head = position.to_bytes(8, "big") + len(entry).to_bytes(2, "big")
    return head + entry + bytes([len(path)]) + b"".join(path)
