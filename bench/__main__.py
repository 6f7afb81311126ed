"""`python -m bench [NAME]...`: take all figures or those named, print a table and write bench/results.json."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from adapters import embedded
from bench import flow, log
from bench.log import Figure

RESULTS = Path(__file__).with_name("results.json")

FIGURES: Mapping[str, Callable[[str], Iterable[Figure]]] = {
    "append-100": lambda server: [log.append_against_copy(server, 100)],
    "append-1000": lambda server: [log.append_against_copy(server, 1000)],
    "conditional-100": lambda server: [log.conditional_against_dcb(server, 100)],
    "conditional-1000": lambda server: [log.conditional_against_dcb(server, 1000)],
    "processes-100": lambda server: [log.processes_against_one(server, 100)],
    "processes-1000": lambda server: [log.processes_against_one(server, 1000)],
    "histories": log.histories,
    "flows": flow.publish_against_append,
    "singles": flow.singles_against_dcb,
}


def main(named: Sequence[str]) -> None:
    """Take the figures on a server of their own, and tell them."""
    if unknown := sorted(set(named) - set(FIGURES)):
        raise SystemExit(f"no figure {', '.join(unknown)}: there are {', '.join(FIGURES)}")
    with tempfile.TemporaryDirectory() as home, embedded.start(Path(home)) as server:
        found = [each for name in named or FIGURES for each in FIGURES[name](server.url)]
    encoded = msgspec.json.encode([each._asdict() for each in found])
    RESULTS.write_bytes(msgspec.json.format(encoded) + b"\n")
    Console(width=140).print(_table(found))


def _table(found: Sequence[Figure]) -> Table:
    table = Table("figure")
    add = partial(table.add_column, justify="right")
    for heading in ("measured", "yardstick", "ratio", "to reach", "reached"):
        add(heading)
    for each in found:
        numbers = (f"{each.figure:,.1f}", f"{each.yardstick:,.1f}", f"{each.ratio:.2f}")
        table.add_row(each.name, *numbers, each.target, _reached(each))
    return table


def _reached(figure: Figure) -> str:
    """Tell whether a target of the form `>= n` is reached; others are for the reader to judge."""
    comparison, _, least = figure.target.partition(" ")
    if comparison != ">=":
        return ""
    return "yes" if figure.ratio >= float(least) else "no"


if __name__ == "__main__":
    main(sys.argv[1:])
