"""Group commit: together where it can be, alone where it must be, bounded, and stopped cleanly."""

import threading
from collections.abc import Iterator, Sequence

import pytest

from events.event import Event
from streams.ports import LogUnavailable
from streams.publish.committer import Committer, Overloaded
from streams.publish.request import Recorded, Request
from tests.patience import PATIENCE


class Scripted:
    """A publisher that records everything, unless told to wait or to fail."""

    def __init__(self) -> None:
        self.groups: list[int] = []
        self.resets = 0
        self.fails: dict[str, Exception] = {}
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()

    def settle(self, group: Sequence[Request]) -> None:
        self.entered.set()
        assert self.gate.wait(PATIENCE)
        self.groups.append(len(group))
        for request in group:
            for event in request.events:
                if event.id in self.fails:
                    raise self.fails[event.id]
            request.verdicts = [Recorded(1) for _ in request.events]

    def reset(self) -> None:
        self.resets += 1


def asked(*ids: str) -> Request:
    return Request([Event(id=each, source="s") for each in ids], [])


@pytest.fixture
def publisher() -> Scripted:
    return Scripted()


@pytest.fixture
def committer(publisher: Scripted) -> Iterator[Committer]:
    committer = Committer(publisher, group_events=5, most_events=20, most_requests=10)
    committer.start()
    yield committer
    publisher.gate.set()
    committer.stop()


def busy(publisher: Scripted, committer: Committer) -> None:
    """Keep the committer's thread in a first request, so that what follows waits together."""
    publisher.gate.clear()
    committer.submit(asked("first"))
    assert publisher.entered.wait(PATIENCE)


def test_what_waits_together_is_settled_together(publisher: Scripted, committer: Committer) -> None:
    busy(publisher, committer)
    futures = [committer.submit(asked(str(number))) for number in range(7)]
    publisher.gate.set()
    assert all(each.result(PATIENCE).verdicts == [Recorded(1)] for each in futures)
    assert publisher.groups == [1, 5, 2]


def test_a_request_larger_than_a_group_goes_alone(publisher: Scripted, committer: Committer) -> None:
    busy(publisher, committer)
    large = committer.submit(asked(*map(str, range(9))))
    small = committer.submit(asked("small"))
    publisher.gate.set()
    assert len(large.result(PATIENCE).verdicts) == 9
    assert small.result(PATIENCE).verdicts
    assert publisher.groups == [1, 1, 1]


def test_poison_fails_alone(publisher: Scripted, committer: Committer) -> None:
    busy(publisher, committer)
    publisher.fails["poison"] = ValueError("broken")
    futures = [committer.submit(asked(each)) for each in ("good", "poison", "fine")]
    publisher.gate.set()
    assert futures[0].result(PATIENCE).verdicts
    assert futures[2].result(PATIENCE).verdicts
    with pytest.raises(ValueError, match="broken"):
        futures[1].result(PATIENCE)
    assert publisher.resets == 2


def test_an_unavailable_log_is_told_to_all_and_the_next_starts_afresh(
    publisher: Scripted, committer: Committer
) -> None:
    busy(publisher, committer)
    publisher.fails["x"] = LogUnavailable("the disk is full")
    futures = [committer.submit(asked(each)) for each in ("good", "x")]
    publisher.gate.set()
    for each in futures:
        with pytest.raises(LogUnavailable):
            each.result(PATIENCE)
    assert committer.submit(asked("later")).result(PATIENCE).verdicts
    assert publisher.resets == 1


def test_overload_is_told_at_once(publisher: Scripted, committer: Committer) -> None:
    busy(publisher, committer)
    futures = [committer.submit(asked("a", "b", "c", "d")) for _ in range(5)]
    assert committer.waiting == 20
    with pytest.raises(Overloaded, match="20 events"):
        committer.submit(asked("one more"))
    publisher.gate.set()
    assert all(each.result(PATIENCE).verdicts for each in futures)
    assert committer.submit(asked("again")).result(PATIENCE).verdicts


def test_many_small_requests_are_bounded_too(publisher: Scripted, committer: Committer) -> None:
    busy(publisher, committer)
    for number in range(10):
        committer.submit(asked(str(number)))
    with pytest.raises(Overloaded):
        committer.submit(asked("one more"))


def test_a_cancelled_request_is_not_settled(publisher: Scripted, committer: Committer) -> None:
    busy(publisher, committer)
    cancelled, kept = committer.submit(asked("x")), committer.submit(asked("y"))
    assert cancelled.cancel()
    publisher.gate.set()
    assert kept.result(PATIENCE).verdicts
    assert publisher.groups == [1, 1]


def test_stopping_settles_what_waits(publisher: Scripted, committer: Committer) -> None:
    busy(publisher, committer)
    futures = [committer.submit(asked(str(number))) for number in range(8)]
    stopping = threading.Thread(target=committer.stop)
    stopping.start()
    publisher.gate.set()
    stopping.join(PATIENCE)
    assert all(each.result(0).verdicts for each in futures)
    with pytest.raises(Overloaded):
        committer.submit(asked("late"))


def test_stopping_what_never_started_is_harmless(publisher: Scripted) -> None:
    Committer(publisher).stop()
