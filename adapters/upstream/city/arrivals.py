"""When the sample city's events arrive: most as they occur, some late, and those of one source once a day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from heapq import heappop, heappush

import msgspec
from msgspec import Struct

from adapters.upstream.city.clockwork import MINUTE
from events.clock import HOUR, day, start_of
from events.evaluation.practice import ActivityAttended
from events.evaluation.reports import EvaluationFinalised, EvaluationReleased
from events.event import Event
from events.identity.accounts import LoginFailed, LoginSucceeded, SessionEnded
from events.identity.persons import PersonDetailsCorrected
from events.integrity.conduct import ConductRepaired
from events.integrity.pledges import PledgeSigned
from events.learning.certificates import CertificateIssued
from events.learning.courses import CourseCompleted, CourseEnrolled
from events.projects.contracts import SpendingReported
from events.projects.delivery import ProjectEvaluated
from events.projects.systems import UsageReported
from events.roll.pupils import (
    StudentEnrolled,
    StudentGraduated,
    StudentLeaveStarted,
    StudentPromoted,
    StudentResumed,
)
from events.roll.schools import SchoolDetailsChanged
from events.roll.teachers import QualificationAwarded, TeacherLeft

DAILY, SENDS_AT = "urn:pujiang:sample:centre:hongkou", 26 * HOUR
"""A source that sends once a day, and when: at two in the morning of the day after."""
A_WEEK, A_YEAR = 0.02, 0.001
"""The shares of events that are late by up to a week, and by up to a year: in the city of 20,000, thousands and hundreds."""
DAY = 24 * HOUR

ALONE = (
    LoginSucceeded,
    LoginFailed,
    SessionEnded,
    PersonDetailsCorrected,
    PledgeSigned,
    SchoolDetailsChanged,
    QualificationAwarded,
    SpendingReported,
    UsageReported,
)
"""Types that may come after any later event: no rule asks in which order they come."""
IN_TURN = (
    StudentEnrolled,
    StudentPromoted,
    StudentGraduated,
    StudentLeaveStarted,
    StudentResumed,
    TeacherLeft,
    ActivityAttended,
    EvaluationFinalised,
    EvaluationReleased,
    CourseEnrolled,
    CourseCompleted,
    CertificateIssued,
    ProjectEvaluated,
    ConductRepaired,
)
"""Types that may be late, but not later than the next event of the same life, which rests on them.

All others are on time: whatever is published or registered is what other lives rest on.
"""


class Arrival(Struct, frozen=True):
    """An event, and the time at which it arrives, in microseconds since 1970."""

    event: Event
    at: int


def arrivals(seed: int, life: Iterable[Event]) -> Iterator[Arrival]:
    """Give the events of a life with their arrivals; an event that the next one names is on time."""
    events = iter(life)
    event = next(events, None)
    while event is not None:
        following = next(events, None)
        yield Arrival(event, _arrives(seed, event, following))
        event = following


def _arrives(seed: int, event: Event, following: Event | None) -> int:
    occurred = event.occurred_at
    sends = start_of(day(occurred)) + SENDS_AT if event.source == DAILY else occurred
    late = 0
    if isinstance(event, ALONE + IN_TURN) and not _named(event, following):
        late = _lateness(f"{seed}/{event.source}#{event.id}")
    if late and following and isinstance(event, IN_TURN):
        late = max(0, min(late, following.occurred_at - sends - MINUTE))
    return sends + late


def _named(event: Event, following: Event | None) -> bool:
    return following is not None and f"{event.source}#{event.id}" in msgspec.structs.astuple(following)


def _lateness(identity: str) -> int:
    """Return by how much the event with this identity is late, 0 for most."""
    drawn = int.from_bytes(blake2b(identity.encode(), digest_size=8).digest(), "big")
    share, minute = (drawn >> 32) / 2**32, drawn & 0xFFFFFFFF
    if share < A_YEAR:
        return MINUTE * (1 + minute % (365 * DAY // MINUTE))
    if share < A_YEAR + A_WEEK:
        return MINUTE * (1 + minute % (7 * DAY // MINUTE))
    return 0


def in_order_of_arrival(events: Iterable[Arrival]) -> Iterator[Event]:
    """Give events, taken in the order in which they occurred, as they arrive; only late ones are kept in memory."""
    waiting: list[tuple[int, int, Event]] = []
    now = 0
    for number, each in enumerate(events):
        now = max(now, each.event.occurred_at)
        while waiting and waiting[0][0] <= now:
            yield heappop(waiting)[2]
        if each.at <= now:
            yield each.event
        else:
            heappush(waiting, (each.at, number, each.event))
    while waiting:
        yield heappop(waiting)[2]
