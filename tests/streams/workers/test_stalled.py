from streams.workers.stalled import Watchdog

PLACE, OTHER = ("person", 3), ("school", 0)


def test_a_partition_that_stands_still_behind_the_log_is_told_of() -> None:
    dog = Watchdog(30)
    assert dog.stalled({PLACE: 5, OTHER: 9}, 9, 0.0) is None
    assert dog.stalled({PLACE: 5, OTHER: 9}, 9, 29.0) is None
    assert dog.stalled({PLACE: 5, OTHER: 9}, 9, 30.0) == PLACE


def test_one_that_moves_or_has_nothing_to_move_for_is_not() -> None:
    dog = Watchdog(30)
    for seconds in range(0, 120, 10):
        assert dog.stalled({PLACE: seconds, OTHER: 500}, 500, float(seconds)) is None


def test_one_that_comes_back_begins_anew() -> None:
    dog = Watchdog(30)
    dog.stalled({PLACE: 5}, 9, 0.0)
    dog.stalled({}, 9, 20.0)
    assert dog.stalled({PLACE: 5}, 9, 40.0) is None
    assert dog.stalled({PLACE: 5}, 9, 70.0) == PLACE
