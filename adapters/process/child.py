"""Work in a child process, so that the memory it takes is given back when it ends."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, TypeAlias

from streams.processes import go_with_parent, uninterrupted

Report: TypeAlias = Callable[..., None]


def in_child(work: Callable[[Report], Any], heard: Report) -> bool:
    """Run a picklable `work(report)` in a fresh process; `heard` receives each report.

    Return whether the work succeeded; if not, its traceback is on standard error.
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


def _work(work: Callable[[Report], Any], there: Connection) -> None:
    go_with_parent()
    work(lambda *report: there.send(report))
