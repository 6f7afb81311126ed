"""The command line `pujiang`."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    # Processes that we start import this module anew; they need none of the commands, which take 40 MB in each.
    from adapters.cli.entry import run  # noqa: PLC0415 - see above

    run()
