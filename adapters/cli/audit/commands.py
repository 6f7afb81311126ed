"""The commands of this room, as help shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adapters.cli.command import Panel
from adapters.cli.options import AsJson, Keys, KnownAt, Models, PolicyFile, Processes, TrueAt
from adapters.cli.variables import DATA, PROOF

audit = Panel("Audit")


@audit.command("adapters.cli.audit.verify:verify", PROOF)
def verify(
    *,
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="A checkpoint kept elsewhere, which the log must have grown from."),
    ] = None,
    key: Keys = None,
    processes: Annotated[int, typer.Option(min=1, max=64, help="How many processes verify.")] = 2,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Take over what an interrupted run has verified; what has changed since then is not seen.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Verify the whole log against its tree, its checkpoints and their signatures.

    All columns and tables that are derived from entries are verified, too. Everything that differs is printed with its
    place, and the exit status is 1. The keys are those of the key store and the policy, unless --key is given.
    """


@audit.command("adapters.cli.audit.receipt:verify_receipt")
def verify_receipt(
    file: Annotated[Path, typer.Argument(help="The receipt.")],
    *,
    key: Keys = None,
    policy: PolicyFile = None,
    entry: Annotated[
        Path | None, typer.Option(help="The entry as it is stored, if the receipt does not include it.")
    ] = None,
) -> None:
    """Verify a receipt of an event or of a row, offline.

    Its entries have to be in the log whose checkpoint the keys have signed. All witnesses whose keys are given must have
    cosigned it; with a policy, its quorum of them.
    """


@audit.command("adapters.cli.audit.replay:replay", DATA)
def replay(
    models: Models = None,
    *,
    known_at: KnownAt = None,
    true_at: TrueAt = None,
    rules: Annotated[
        Path | None,
        typer.Option(help="Judge again with the rule data of this file instead of the published data."),
    ] = None,
    verdicts: Annotated[
        bool, typer.Option(help="Judge again; report events that would not be admitted today.")
    ] = False,
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="SOURCE#ID", help="Judge again as if this event had never been published."),
    ] = None,
    day: Annotated[
        str | None, typer.Option(help="Day for figures that depend on one; default today.")
    ] = None,
    processes: Processes = 2,
    as_json: AsJson = False,
) -> None:
    """Fold or judge the log again, and report what differs.

    Without options, the log is folded beside the live rows and compared with them. With --known-at or --true-at, rows as
    of that time are compared with those of now. With --rules, --verdicts or --without, all events are judged again:
    changed verdicts come first, then the rows that would change. If anything differs, the exit status is 1.
    """


bundles = audit.group(
    "audit", "Export a part of the log as one file, check such files, and check what read models have folded."
)


@bundles.command("adapters.cli.audit.bundle:export", PROOF)
def export(
    *,
    tag: Annotated[
        list[str] | None, typer.Option(help="KIND:VALUE; only entries that carry all tags given.")
    ] = None,
    first: Annotated[int | None, typer.Option("--from", min=1, help="First position of a range.")] = None,
    last: Annotated[int | None, typer.Option("--to", min=1, help="Last position of the range.")] = None,
    out: Annotated[Path, typer.Option(help="File to write.")] = Path("audit.tar"),
) -> None:
    """Export entries, their contents and their proof into one file.

    Sealed fields stay sealed. Give either --tag, or --from and --to.
    """


@bundles.command("adapters.cli.audit.bundle:check")
def check(
    file: Annotated[Path, typer.Argument(help="The exported file.")],
    *,
    key: Keys = None,
    policy: PolicyFile = None,
) -> None:
    """Check an exported file, offline.

    It needs no database and no data home. Everything that does not hold is printed with its place, and the exit status
    is 1. Contracts are compared with what the log states of them and with those of this release; which ones could not be
    is printed, too. All witnesses whose keys are given must have cosigned the checkpoint; with a policy, its quorum of them.
    """


@bundles.command("adapters.cli.audit.coverage:coverage", DATA)
def coverage(*, as_json: AsJson = False) -> None:
    """Show what each read model has folded of the log.

    From what was stated in the log: up to which position, by which code, and what is held back. The exit status is 1
    if there is a gap.
    """


erasure = audit.group(
    "erasure", "Certify, with a signature, which data of an erased person can no longer be read."
)


@erasure.command("adapters.cli.audit.erasure:certificate", PROOF)
def certificate(person: Annotated[str, typer.Argument(help="The person's number.")]) -> None:
    """Write a person's erasure certificate, a signed note. `pujiang erasure check` verifies it anywhere."""


@erasure.command("adapters.cli.audit.erasure:check_certificate", name="check")
def check_certificate(
    file: Annotated[Path, typer.Argument(help="The certificate.")],
    key: Annotated[
        list[str],
        typer.Option(
            help="A verifier key, of the log or of a witness; all witnesses given must have cosigned."
        ),
    ],
) -> None:
    """Check an erasure certificate, offline.

    It needs no database and no data home. The exit status is 1 if the certificate does not hold.
    """
