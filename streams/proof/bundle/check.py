"""The check of an audit bundle: from the signed checkpoint of a log down to each line of the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import BinaryIO

from streams.proof.bundle import container
from streams.proof.bundle.container import SUMS, BrokenBundle, BundleFile
from streams.proof.bundle.contracts import NamedContract, compare, read_statements
from streams.proof.bundle.entries import EntriesCheck, OnProgress
from streams.proof.bundle.history import BundleContract
from streams.proof.bundle.manifest import CHECKPOINT, MANIFEST, STATEMENTS, Manifest, contract_file
from streams.proof.bundle.report import BundleReport
from streams.tree.verifier import Checkpoint, Enough, Key, Note, Unproven, from_bytes, open_checkpoint, shown


def check(
    file: BinaryIO,
    keys: Sequence[Key],
    *,
    enough: Enough | None = None,
    published: Mapping[str, NamedContract] | None = None,
    progress: OnProgress = lambda _done, _total: None,
) -> BundleReport:
    """Check a bundle: these keys have signed its checkpoint, its entries are in that log, and all else follows from them.

    All witnesses among the keys must have cosigned, unless `enough` accepts fewer. Contracts are
    compared with what the log states of them, and with those `published`, by name, if they are known.
    """
    report = BundleReport()
    try:
        files = container.read_files(file)
        report.findings += container.check_digests(files)
        report.manifest = _manifest(files)
        _check_checkpoint(files[CHECKPOINT], report, keys, enough)
        contracts = {number: _contract(files, name) for number, name in report.manifest.contracts.items()}
        if report.checkpoint is not None:
            stated = read_statements(files[STATEMENTS], report.checkpoint, report)
            stated += EntriesCheck(files, contracts, report, progress).run(report.checkpoint)
            own = [_named(files, number, name) for number, name in report.manifest.contracts.items()]
            compare(own, stated, published, report)
    except BrokenBundle as broken:
        report.findings.append(broken.finding)
    return report


def _manifest(files: dict[str, BundleFile]) -> Manifest:
    first = next(iter(files))
    if first != MANIFEST:
        raise BrokenBundle(first, f"the bundle has this file in place of {MANIFEST}")
    try:
        found = Manifest.read(from_bytes(files[MANIFEST].all()))
    except Unproven as error:
        raise BrokenBundle(MANIFEST, str(error)) from error
    wanted, there = [*found.files, SUMS], [*files]
    for place, name in enumerate(wanted):
        if there[place : place + 1] != [name]:
            instead = there[place] if place < len(there) else "nothing"
            raise BrokenBundle(name, f"the bundle has {shown(instead)} in place of this file")
    if len(there) > len(wanted):
        raise BrokenBundle(there[len(wanted)], "a bundle does not have such a file")
    return found


def _check_checkpoint(
    file: BundleFile, report: BundleReport, keys: Sequence[Key], enough: Enough | None
) -> None:
    try:
        note = from_bytes(file.all())
        report.checkpoint = Checkpoint.read(Note.read(note).text)
        report.signers = open_checkpoint(note, keys, enough)[1]
    except Unproven as error:
        report.add(CHECKPOINT, str(error))
    stated, own = report.manifest, report.checkpoint
    if stated and own and (stated.origin, stated.size) != (own.origin, own.size):
        report.add(MANIFEST, f"the checkpoint is of {shown(own.origin)} at size {own.size}")


def _contract(files: dict[str, BundleFile], name: str) -> BundleContract:
    try:
        return BundleContract.of(name, files[contract_file(name)].all())
    except Unproven as error:
        raise BrokenBundle(contract_file(name), str(error)) from error


def _named(files: dict[str, BundleFile], number: int, name: str) -> NamedContract:
    return NamedContract(name, number, sha256(files[contract_file(name)].all()).hexdigest())
