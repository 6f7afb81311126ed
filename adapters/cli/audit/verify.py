"""`pujiang verify`: whether the log is what it was."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

import typer

from adapters.cli.audit.notes import read_key, text_of
from adapters.cli.settings import existing
from adapters.cli.terminal import console, fail, print_json, print_line, progress
from adapters.contracts.published import named_contracts
from adapters.proof.witnesses import Quorum, read_policy
from adapters.run.fsck import open_tables
from adapters.run.settings import Settings
from adapters.run.site import Site, site
from streams.proof.bundle.contracts import otherwise
from streams.proof.contracts import statements
from streams.proof.fsck.journal import Journal
from streams.proof.fsck.ports import Finding
from streams.proof.fsck.run import Verification, VerificationReport
from streams.tree.verifier import (
    Checkpoint,
    Key,
    Note,
    Unproven,
    open_checkpoint,
)


def verify(
    *, checkpoint: Path | None, key: list[str] | None, processes: int, resume: bool, as_json: bool
) -> None:
    """Verify the log, and print what differs."""
    found = existing()
    with site(found) as opened:
        given = [read_key(each) for each in key or ()]
        keys = given or _own_keys(opened)
        others = _signed_before(opened) if not given else []
        if checkpoint is not None:
            others.append((str(checkpoint), _read_checkpoint(checkpoint, keys)))
        report = _verified(opened, found, keys, others, processes=processes, resume=resume)
        quorum = read_policy(found.policy).quorum
        cosigned = None if quorum is None else _cosigned(opened, quorum)
        unstated = _check_contracts(opened, report)
    for each in report.findings:
        (print_json if as_json else print_line)(each)
    if as_json:
        more = {"cosigned": cosigned, "unstated_contracts": unstated, "findings": len(report.findings)}
        print_json(_summary(report) | more)
    else:
        console.print(
            f"{report.size} entries, root {report.root.hex()}, {report.checkpoints} checkpoints: "
            f"tree {report.tree_seconds:.1f} s, columns {report.column_seconds:.1f} s, "
            f"{len(report.findings)} findings",
            soft_wrap=True,
        )
        if report.taken_over:
            console.print(
                f"{report.taken_over} of {report.tasks} parts were verified by an interrupted run and not again: "
                "what has changed since then is not seen",
                soft_wrap=True,
            )
        if unstated:
            console.print(f"contracts not compared, as the log states nothing of them: {unstated}")
        if cosigned is not None:
            console.print(f"cosigned by the policy's quorum up to size {cosigned}")
    if report.findings:
        raise typer.Exit(1)


def _verified(
    opened: Site,
    found: Settings,
    keys: list[Key],
    others: list[tuple[str, Checkpoint]],
    *,
    processes: int,
    resume: bool,
) -> VerificationReport:
    journal = Journal(found.home / "verify.jsonl", resume=resume)
    with ExitStack() as stack:
        bars = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in bars:
                bars[stage] = stack.enter_context(progress(stage, total))
            bar, task = bars[stage]
            bar.update(task, completed=done, total=total)

        run = Verification(
            partial(open_tables, opened.url),
            keys,
            others=others,
            journal=journal,
            processes=processes,
            progress=show,
        )
        return run.run()


def _summary(report: VerificationReport) -> dict[str, object]:
    return {
        "size": report.size,
        "root": report.root.hex(),
        "checkpoints": report.checkpoints,
        "tree_seconds": report.tree_seconds,
        "column_seconds": report.column_seconds,
        "taken_over": report.taken_over,
        "tasks": report.tasks,
    }


def _check_contracts(opened: Site, report: VerificationReport) -> int:
    """Compare the contracts with which data is decoded here to those that the log states; return how many it does not state."""
    stated = [each for _, some in statements(opened.log, report.size) for each in some]
    unstated = 0
    for contract in named_contracts():
        positions = otherwise(contract, stated)
        unstated += positions is None
        for each in positions or ():
            sentence = f"it states another {contract.name} than the one of this release"
            report.findings.append(Finding("entries", "entry", f"position {each}", sentence))
    return unstated


def _own_keys(opened: Site) -> list[Key]:
    witnesses = [each.key for each in read_policy(opened.settings.policy).witnesses]
    return [*opened.keys.of_logs(), *witnesses]


def _cosigned(opened: Site, quorum: Quorum) -> int:
    """Return the size of the largest checkpoint of this log that enough witnesses have cosigned, 0 if there is none."""
    witnesses = [each.key for each in read_policy(opened.settings.policy).witnesses]
    with open_tables(opened.url) as parts:
        published = [each for each in parts.tables.checkpoints() if each.origin == opened.origin]
    for each in reversed(published):
        with suppress(Unproven):
            if quorum.met(Note.read(each.note).signers(witnesses)):
                return each.size
    return 0


def _signed_before(opened: Site) -> list[tuple[str, Checkpoint]]:
    """Return the checkpoint that was signed last. The key store keeps it, where the log's database cannot reach."""
    text = opened.store.notes.last(f"log {opened.origin}")
    return [] if text is None else [("the key store", Checkpoint.read(text))]


def _read_checkpoint(file: Path, keys: list[Key]) -> Checkpoint:
    logs = [each for each in keys if each.kind == 1]
    try:
        return open_checkpoint(text_of(file), logs)[0]
    except Unproven as error:
        raise fail(f"{file}: {error}", 2) from error
