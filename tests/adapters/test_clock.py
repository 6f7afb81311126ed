"""How far the clock of a machine is believed: too far off is refused, doubtful is waited for, a day long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.clock import AHEAD, BEHIND, DAY, DOUBTFUL, HOUR, MINUTE, STRIDE, ClockFault, ClockSight, look

T = 1_700_000_000_000_000


def seen_for(sight: ClockSight, hours: int, step: int = HOUR) -> ClockSight:
    for _ in range(hours * HOUR // step):
        sight = look(sight, T, sight.seen_at + step)
    return sight


def test_an_empty_log_believes_any_clock() -> None:
    assert look(None, 0, T) == ClockSight(T, T)


@pytest.mark.parametrize("off", [-BEHIND, 0, DOUBTFUL])
def test_a_clock_within_two_days_is_believed(off: int) -> None:
    assert look(None, T, T + off) == ClockSight(T + off, T + off)


def test_a_clock_behind_the_last_event_is_refused() -> None:
    with pytest.raises(ClockFault, match="set the clock"):
        look(None, T, T - BEHIND - 1)


def test_a_clock_over_400_days_ahead_is_refused_unless_somebody_vouches_for_it() -> None:
    with pytest.raises(ClockFault, match="--trust-clock"):
        look(None, T, T + AHEAD + 1)
    with pytest.raises(ClockFault):
        look(ClockSight(T, T), T - 500 * DAY, T + AHEAD + 1)
    assert look(None, T, T + AHEAD + 1, vouched=True).doubted_since == T + AHEAD + 1


def test_a_doubted_clock_is_believed_once_it_was_seen_for_a_day() -> None:
    doubted = look(None, T, T + 20 * DAY)
    assert (doubted.trusted_at, doubted.doubted_since, doubted.remaining) == (T, T + 20 * DAY, DAY)
    almost = seen_for(doubted, 23)
    assert (almost.trusted_at, almost.remaining) == (T, HOUR)
    believed = seen_for(almost, 1)
    assert believed == ClockSight(T + 21 * DAY, T + 21 * DAY)


def test_a_clock_that_jumps_again_has_not_been_seen_meanwhile() -> None:
    doubted = look(None, T, T + 20 * DAY)
    again = look(doubted, T, T + 60 * DAY)
    assert again.remaining == DAY - STRIDE


def test_a_clock_that_is_set_right_is_believed_at_once() -> None:
    doubted = look(ClockSight(T, T), T, T + 20 * DAY)
    assert look(doubted, T, T + HOUR) == ClockSight(T + HOUR, T + HOUR)


def test_a_log_that_stands_still_under_a_running_server_raises_no_doubt() -> None:
    assert seen_for(ClockSight(T, T), 24 * 5).doubted_since is None


@given(st.lists(st.integers(-3 * DAY, 30 * DAY), max_size=40))
def test_what_is_trusted_moves_with_time_that_was_seen_to_pass(steps: list[int]) -> None:
    """Between two sights the trusted time advances by two days at most, or a day was seen to pass before."""
    sight, seen = ClockSight(T, T), 0
    for step in steps:
        before = sight
        try:
            sight = look(sight, T - DAY, before.seen_at + step)
        except ClockFault:
            continue
        seen += min(max(step, 0), STRIDE)
        if sight.doubted_since is not None:
            assert sight.trusted_at == before.trusted_at
        elif sight.trusted_at > before.trusted_at + DOUBTFUL + MINUTE:
            assert before.doubted_since is not None
            assert before.waited + min(step, STRIDE) >= DAY
