"""Work in a process of its own, so that the memory it took goes with it."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, TypeAlias

from streams.processes import go_with_parent, uninterrupted

Tell: TypeAlias = Callable[..., None]


def apart(work: Callable[[Tell], Any], heard: Tell) -> bool:
    """Do work, which can be sent there and is given how to tell; `heard` is called with what it tells.

    Return whether it came to its end; where it did not, its own words are on standard error.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(work, there))
    with uninterrupted():
        process.start()
    there.close()
    try:
        while True:
            heard(*here.recv())
    except EOFError:
        process.join()
    finally:
        process.terminate()
        process.join()
    return process.exitcode == 0


def _work(work: Callable[[Tell], Any], there: Connection) -> None:
    go_with_parent()
    work(lambda *told: there.send(told))
