"""One handling of faults for all loops: an outage postpones, a fault of ours is logged and does not end the loop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from adapters.process import loop as loops
from adapters.process.loop import Loop, every, in_process, in_thread, keep
from tests.patience import PATIENCE


class Away(Exception):
    """An outage."""


class Work:
    """Work that raises what is planned, one after the other, and then stops the loop."""

    def __init__(self, *planned: Exception | None) -> None:
        self.planned, self.stop, self.called = list(planned), threading.Event(), list[str]()

    def step(self) -> None:
        self.called.append("step")
        if not self.planned:
            self.stop.set()
        elif fault := self.planned.pop(0):
            raise fault

    def loop(self, **more: Any) -> Loop:
        return Loop("work", every(0, self.step), 0, (Away,), **more)


def kept(work: Work, **more: Any) -> list[tuple[str, str]]:
    """Keep the loop until it stops; return what was logged."""
    with capture_logs() as said:
        keep(work.loop(**more), work.stop)
    return [(each["event"], each["log_level"]) for each in said]


def test_an_outage_is_logged_and_the_loop_goes_on() -> None:
    work = Work(None, Away("gone"), None)
    assert kept(work) == [("loop-postponed", "warning")]
    assert len(work.called) == 4


def test_a_fault_of_ours_is_logged_and_the_loop_goes_on() -> None:
    work = Work(ValueError("wrong"), None)
    assert kept(work) == [("loop-failed", "error")]
    assert len(work.called) == 3


def test_the_same_fault_is_logged_once_in_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    same = [Away("gone"), Away("gone"), Away("gone")]
    assert len(kept(Work(*same, Away("again")))) == 2
    monkeypatch.setattr(loops, "QUIET_SECONDS", 0)
    assert len(kept(Work(*same))) == 3


def test_first_and_last_are_called_once_whatever_they_raise() -> None:
    work = Work(Away("gone"))

    def called(name: str) -> None:
        work.called.append(name)
        raise Away(name)

    said = kept(work, first=partial(called, "first"), last=partial(called, "last"))
    assert work.called == ["first", "step", "step", "last"]
    assert said == [("loop-postponed", "warning")] * 3


def test_in_a_thread_a_loop_runs_while_the_block_does() -> None:
    steps, ended = threading.Semaphore(0), threading.Event()
    first = threading.Event()
    loop = Loop("work", every(0.001, steps.release), 0, (), first=first.set, last=ended.set)
    with in_thread(loop):
        assert first.is_set()
        for _ in range(3):
            assert steps.acquire(timeout=PATIENCE)
        assert not ended.is_set()
    assert ended.is_set()


def touching(folder: Path) -> Loop:
    """Return a loop that leaves traces in a folder."""
    return Loop("touching", every(0.01, (folder / "stepped").touch), 0, (), last=(folder / "ended").touch)


def until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_in_a_process_loops_run_while_the_block_does(tmp_path: Path) -> None:
    folders = [tmp_path / "first", tmp_path / "second"]
    for each in folders:
        each.mkdir()
    with in_process("touching", *(partial(touching, each) for each in folders)):
        for each in folders:
            until((each / "stepped").exists)
            assert not (each / "ended").exists()
    assert all((each / "ended").exists() for each in folders)
