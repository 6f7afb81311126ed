"""`python -m bench [NAME]...`: take all figures or the named ones, print a table, and save them in bench/results.json."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import structlog
from rich.console import Console
from rich.table import Table

from adapters.kafka import jars
from adapters.process.tuning import tune
from bench import (
    append,
    busy,
    decisions,
    items,
    poison,
    proving,
    publishing,
    rebuilding,
    relaying,
    scale,
    sealing,
    singles,
    visible,
    visible_bus,
    working,
)
from bench.figure import Figure
from bench.place import Place, opened

RESULTS = Path(__file__).with_name("results.json")

FIGURES: Mapping[str, Callable[[Place], Iterable[Figure]]] = {
    "append": append.against_copy,
    "conditional": append.against_library,
    "processes": append.four_processes,
    "singles": singles.against_library,
    "publish": publishing.in_process,
    "publish-http": publishing.over_http,
    "decisions": decisions.decisions,
    "histories": decisions.histories,
    "rebuild": rebuilding.all_models,
    "counter": rebuilding.one_counter,
    "items": items.items_and_memory,
    "visible": visible.visible,
    "proofs": proving.appending,
    "verify": proving.verifying,
    "sealing": sealing.sealing,
    "inclusion": proving.inclusion,
    "poison": poison.poison,
    "relay": relaying.relaying,
    "worker": working.working,
    "workers": working.two_workers,
    "visible-bus": visible_bus.visible_over_the_bus,
    "busy": busy.busy,
    "five-million": scale.five_million,
}

OF_THE_BUS = frozenset({"poison", "relay", "worker", "workers", "visible-bus"})
"""Figures that need Apache Kafka; one broker is started for the run."""


def main(named: Sequence[str]) -> None:
    """Take the figures, and print each as soon as it is known."""
    if unknown := sorted(set(named) - set(FIGURES)):
        raise SystemExit(f"no figure {', '.join(unknown)}: there are {', '.join(FIGURES)}")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    tune()  # as the processes that are measured; the yardsticks have it too
    console, found = Console(width=170), list[Figure]()
    kept = msgspec.json.decode(RESULTS.read_bytes()) if named and RESULTS.exists() else []
    taken = possible(named or tuple(FIGURES), jars.lacking())
    with opened() as place:
        for name in taken:
            for each in FIGURES[name](place):
                found.append(each)
                console.print(f"{each.name}: {_number(each.figure)} {each.unit}", highlight=False)
                _keep(merged(kept, found))
    console.print(_table(found))


def possible(named: Sequence[str], lacking: str | None) -> Sequence[str]:
    """Return the figures that can be taken here; print in one line which are left out, and what Kafka lacks."""
    out = [each for each in named if lacking and each in OF_THE_BUS]
    if out:
        print(f"left out: {', '.join(out)}. {lacking}")
    return [each for each in named if each not in out]


def _keep(figures: Sequence[dict[str, Any]]) -> None:
    RESULTS.write_bytes(msgspec.json.format(msgspec.json.encode(figures)) + b"\n")


def merged(kept: Iterable[dict[str, Any]], found: Iterable[Figure]) -> list[dict[str, Any]]:
    """Return the saved figures, replaced by new ones of the same name, with the other new ones at the end."""
    entries = {each["name"]: each for each in kept}
    for each in found:
        told = msgspec.structs.asdict(each)
        told.update(
            figure=_rounded(each.figure), yardstick=_rounded(each.yardstick), ratio=_rounded(each.ratio)
        )
        entries[each.name] = {**told, "reached": each.reached}
    return list(entries.values())


def _rounded(number: float | None) -> float | None:
    return None if number is None else float(f"{number:.4g}")


def _table(found: Iterable[Figure]) -> Table:
    table = Table("figure")
    for heading in ("measured", "yardstick", "unit", "ratio", "to reach", "reached"):
        table.add_column(heading, justify="right")
    for each in found:
        ratio = "" if each.ratio is None else f"{each.ratio:.2f}"
        reached = {None: "", True: "yes", False: "no"}[each.reached]
        numbers = (_number(each.figure), _number(each.yardstick), each.unit, ratio, each.target, reached)
        table.add_row(each.name, *numbers)
    return table


def _number(number: float | None) -> str:
    return "" if number is None else f"{_rounded(number):,.10g}"


if __name__ == "__main__":
    main(sys.argv[1:])
