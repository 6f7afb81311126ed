"""Figures, and how they are taken: in turn with the yardstick, so that other load on the machine affects both."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from statistics import median

from msgspec import Struct

CORES = len(os.sched_getaffinity(0))
LIMITS = f"{CORES} cores for server, clients and PostgreSQL together"


class Figure(Struct, frozen=True, kw_only=True):
    """What was measured, in `unit`; if there is a yardstick, `target` is about the ratio to it.

    `target` is `>= n` or `<= n`, or empty if there is none. `limits` says what the machine had to offer.
    """

    name: str
    unit: str
    figure: float
    yardstick: float | None = None
    target: str = ""
    note: str = ""
    limits: str = LIMITS

    @property
    def ratio(self) -> float | None:
        return None if self.yardstick is None else self.figure / self.yardstick

    @property
    def reached(self) -> bool | None:
        comparison, _, bound = self.target.partition(" ")
        found = self.figure if self.ratio is None else self.ratio
        if not bound:
            return None
        return found >= float(bound) if comparison == ">=" else found <= float(bound)


def seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def rate(count: int, action: Callable[[], object]) -> float:
    return count / seconds(action)


def in_turn(rounds: int, *sides: Callable[[], float]) -> list[float]:
    """Take all sides once a round, each round starting with the next side; return each side's median."""
    taken: list[list[float]] = [[] for _ in sides]
    for each in range(rounds):
        for turn in range(len(sides)):
            at = (each + turn) % len(sides)
            taken[at].append(sides[at]())
    return [median(each) for each in taken]


def percentile(values: Sequence[float], percent: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * percent / 100), len(ordered) - 1)]
