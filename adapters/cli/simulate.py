"""`pujiang simulate`: a sample city as a file of CloudEvents."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from adapters.cli.terminal import progress
from adapters.upstream import lines
from adapters.upstream.city import PEOPLE, SEED, city

SHOW_EVERY = 1000


def simulate(
    people: Annotated[
        int, typer.Option(min=20, max=5_000_000, help="How many people live in the city.")
    ] = PEOPLE,
    seed: Annotated[int, typer.Option(help="The same seed gives the same city.")] = SEED,
    out: Annotated[Path | None, typer.Option(help="File to write; default standard output.")] = None,
) -> None:
    """Write the events of a sample city, as a file for `pujiang publish`.

    The file has JSON Lines of CloudEvents, over several years.
    """
    with ExitStack() as stack:
        file: BinaryIO = stack.enter_context(out.open("wb")) if out else sys.stdout.buffer
        bar, task = stack.enter_context(progress("simulating"))
        for number, line in enumerate(lines(city(people, seed)), 1):
            file.write(line)
            if number % SHOW_EVERY == 0:
                bar.update(task, completed=number)
        bar.update(task, completed=number, total=number)
