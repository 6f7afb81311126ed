"""When the sample city's events arrive: late ones, a source that sends once a day, and what waits for what."""

from __future__ import annotations

from msgspec.structs import replace

from adapters.upstream.city.arrivals import DAILY, DAY, Arrival, arrivals, in_order_of_arrival
from adapters.upstream.city.clockwork import MINUTE
from events.clock import HOUR
from events.event import Event
from events.identity.accounts import LoginSucceeded, SessionEnded
from events.identity.persons import PersonRegistered
from events.roll.pupils import StudentPromoted
from streams.scenario import at

MANY = 20_000
LOGIN = LoginSucceeded("p", "a", "i", "library", 2, ["name"], source="/centre", occurred_at=at("2024-03-01"))
PROMOTED = StudentPromoted("p", "s", "d", "primary", 1, 2, source="/roll", occurred_at=at("2024-03-01"))


def lateness(events: list[Event], life: list[Event] | None = None) -> list[int]:
    """Return by how much each event is late, each as a life of its own or before the rest of one."""
    lives = [[each, *(life or ())] for each in events]
    return [next(arrivals(7, each)).at - each[0].occurred_at for each in lives]


def named(event: Event) -> list[Event]:
    return [replace(event, id=str(number)) for number in range(MANY)]


def test_a_few_are_late_by_up_to_a_week_and_very_few_by_up_to_a_year() -> None:
    late = [each for each in lateness(named(LOGIN)) if each]
    assert all(0 < each <= 365 * DAY for each in late)
    longer = sum(each > 7 * DAY for each in late)
    assert 0.015 < (len(late) - longer) / MANY < 0.025
    assert 0.0005 < longer / MANY < 0.002


def test_one_source_sends_once_a_day() -> None:
    events = [replace(each, source=DAILY) for each in named(LOGIN)[:100]]
    assert min(lateness(events)) == 14 * HOUR  # from noon to two at night
    assert lateness([replace(PersonRegistered("p", b"", b"", 2000), source=DAILY, occurred_at=at("2024-03-01", 23))]) == [3 * HOUR]  # fmt: skip


def test_what_others_rest_on_is_on_time() -> None:
    registered = PersonRegistered("p", b"", b"", 2000, source="/centre", occurred_at=at("2024-03-01"))
    assert set(lateness(named(registered))) == {0}
    for each in named(LOGIN)[:2000]:
        ended = SessionEnded("p", f"/centre#{each.id}", "signed-out", occurred_at=at("2024-03-02"))
        assert lateness([each], [ended]) == [0]


def test_a_step_is_not_later_than_the_next_of_its_life() -> None:
    following = replace(PROMOTED, occurred_at=PROMOTED.occurred_at + HOUR)
    late = lateness(named(PROMOTED), [following])
    assert max(late) == HOUR - MINUTE


def test_late_ones_wait_and_the_others_pass() -> None:
    a, b, c, d = (
        replace(LOGIN, id=name, occurred_at=time) for name, time in zip("abcd", (1, 2, 3, 3), strict=True)
    )
    arriving = [Arrival(a, 3), Arrival(b, 2), Arrival(c, 9), Arrival(d, 4)]
    # On time is b; a arrives as c and d occur, which are late.
    assert "".join(each.id for each in in_order_of_arrival(arriving)) == "badc"
