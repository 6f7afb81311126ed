from collections.abc import Iterator

import pytest

from bench.__main__ import merged
from bench.figure import Figure, in_turn, percentile


def figure(name: str, value: float, yardstick: float | None = None, target: str = "") -> Figure:
    return Figure(name=name, unit="ms", figure=value, yardstick=yardstick, target=target)


@pytest.mark.parametrize(
    "value, yardstick, target, reached",
    [
        (8, 10, ">= 0.8", True),
        (7, 10, ">= 0.8", False),
        (12, 10, "<= 1.2", True),
        (13, 10, "<= 1.2", False),
        (50, None, "<= 50", True),
        (51, None, "<= 50", False),
        (51, 10, "", None),
    ],
)
def test_a_target_speaks_of_the_ratio_or_where_there_is_no_yardstick_of_the_figure(
    value: float, yardstick: float | None, target: str, reached: object
) -> None:
    assert figure("one", value, yardstick, target).reached is reached


def test_sides_are_taken_in_turn_and_told_by_their_medians() -> None:
    order: list[str] = []
    ours, theirs = iter((1.0, 9.0, 2.0)), iter((5.0, 7.0, 6.0))

    def side(name: str, values: Iterator[float]) -> float:
        order.append(name)
        return next(values)

    assert in_turn(3, lambda: side("ours", ours), lambda: side("theirs", theirs)) == [2.0, 6.0]
    assert order == ["ours", "theirs", "theirs", "ours", "ours", "theirs"]


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert percentile(range(1, 101), 99) == 100
    assert percentile([3.0], 50) == 3.0


def test_figures_taken_again_replace_their_own_entries_and_leave_the_others() -> None:
    kept = merged([], [figure("one", 1.23456), figure("two", 2, 4, ">= 0.5")])
    found = merged(kept, [figure("three", 3), figure("one", 10)])
    assert [(each["name"], each["figure"]) for each in found] == [("one", 10), ("two", 2), ("three", 3)]
    assert found[1]["ratio"] == 0.5
    assert found[1]["reached"] is True
    assert kept[0]["figure"] == 1.235
