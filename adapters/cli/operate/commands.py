"""The commands of this room, as help shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adapters.cli.command import Panel
from adapters.cli.options import AsJson, Models, Processes, complete_model
from adapters.cli.variables import BUS, DATA, HOME, PROOF

operate = Panel("Operate")

LogFolder = Annotated[Path, typer.Argument(metavar="LOG_DIR", help="Folder for the log.")]
KeysFolder = Annotated[
    Path, typer.Argument(metavar="KEYS_DIR", help="Folder for the keys, to be kept by somebody else.")
]
Code = Annotated[str | None, typer.Option(help="Only messages refused with this code.")]
Source = Annotated[str | None, typer.Option(help="Only messages of this source.")]


@operate.command("adapters.cli.operate.status:status", (*DATA, *BUS))
def status(
    *,
    all_: Annotated[
        bool, typer.Option("--all", help="Show each read model, even if nothing is wrong.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show how far the log, the read models, the inbox and the relay are.

    That is a few lines if all is well. If a read model is missing, late or holds events back, or with --all, there is a
    line for each: its position and lag, how many events it holds back, how many of its rows are being folded again, and
    in how many partitions it is folded. If the shadow check has found rows that differ, it says how many.
    """


@operate.command("adapters.cli.operate.fold:rebuild", DATA)
def rebuild(models: Models = None, *, processes: Processes = 2) -> None:
    """Build read models anew beside the live ones, and swap them in. Queries and publishing go on meanwhile."""


@operate.command("adapters.cli.operate.fold:retry", DATA)
def retry(
    model: Annotated[
        str,
        typer.Argument(
            help="A read model that holds events back: see `pujiang status`.", autocompletion=complete_model
        ),
    ],
) -> None:
    """Fold again what a read model holds back, after the cause has been repaired.

    The exit status is 1 if anything is still held back.
    """


@operate.command("adapters.cli.operate.backup:backup", DATA)
def backup(log: LogFolder, keys: KeysFolder) -> None:
    """Back up the log and the key store into two empty folders. Publishing and reading go on meanwhile."""


@operate.command("adapters.cli.operate.backup:restore", DATA)
def restore(log: LogFolder, keys: KeysFolder) -> None:
    """Restore a backup into an empty data home, and give the log a new id."""


@operate.command("adapters.cli.operate.backup:new_log_id", DATA)
def new_log_id() -> None:
    """Give a log that was restored by other means a new id.

    `pujiang restore` does so by itself. Nothing may have the log open meanwhile.
    """


keys_ = operate.group(
    "keys", "Show and rotate the keys that sign checkpoints, and the one that wraps all other keys."
)


@keys_.command("adapters.cli.operate.keys:show", PROOF)
def show() -> None:
    """Show the keys that verify this log's checkpoints, and our key as a witness.

    The newest comes first. Keys that have been replaced still verify what they have signed.
    """


@keys_.command("adapters.cli.operate.keys:rotate", PROOF)
def rotate() -> None:
    """Make a new key to sign checkpoints with. The previous key signs beside it until the next rotation."""


@keys_.command("adapters.cli.operate.keys:rotate_kek", DATA)
def rotate_kek(
    *,
    prepare: Annotated[
        bool,
        typer.Option("--prepare", help="Only create the file kek.next, to be copied to all machines first."),
    ] = False,
) -> None:
    """Wrap all keys with a new key-encryption key, and destroy the old one.

    `pujiang serve` may run meanwhile. If this is interrupted, run it again. Afterwards older copies of the key store
    can no longer be opened, wherever they are.
    """


refused = operate.group("refused", "List messages that the inbox has refused, and publish them again.")


@refused.command("adapters.cli.operate.refused:list_", (*DATA, *BUS), "list")
def list_refused(
    *,
    code: Code = None,
    source: Source = None,
    retried: Annotated[bool, typer.Option(help="Include messages that have been published again.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="At most this many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List refused messages and the reasons, the oldest first. Sealed contents are opened."""


@refused.command("adapters.cli.operate.refused:retry", (*DATA, *BUS), "retry")
def retry_refused(
    coordinates: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[COORDINATES]...", help="Messages by their place, as `list` shows it: TOPIC/0/17."
        ),
    ] = None,
    *,
    code: Code = None,
    source: Source = None,
) -> None:
    """Publish refused messages to the inbox again, as they were sent.

    Name messages by their coordinates, or choose all of a code or a source.
    """


topics = operate.group(
    "topics", "Compare the declared topics of the message bus with the broker's, and create them."
)


@topics.command("adapters.cli.operate.topics:plan", (*HOME, *BUS))
def plan() -> None:
    """Show what `pujiang topics apply` would do. The exit status is 1 if a topic cannot be made as it is declared."""


@topics.command("adapters.cli.operate.topics:apply", (*HOME, *BUS))
def apply(
    *,
    replication: Annotated[
        int | None,
        typer.Option(
            min=1, help="Copies of each partition; default 3, or the number of brokers if there are fewer."
        ),
    ] = None,
) -> None:
    """Create missing topics and raise retention; nothing is shrunk or deleted. Partitions stay as they are."""
