"""`pujiang simulate`: a sample city as a file of CloudEvents."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from adapters.cli.terminal import progress
from adapters.upstream import lines
from adapters.upstream.city import city

SHOW_EVERY = 1000


def simulate(*, people: int, seed: int, out: Path | None) -> None:
    """Write the city's events."""
    with ExitStack() as stack:
        file: BinaryIO = stack.enter_context(out.open("wb")) if out else sys.stdout.buffer
        bar, task = stack.enter_context(progress("simulating"))
        for number, line in enumerate(lines(city(people, seed)), 1):
            file.write(line)
            if number % SHOW_EVERY == 0:
                bar.update(task, completed=number)
        bar.update(task, completed=number, total=number)
