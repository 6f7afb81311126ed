"""Time as data: microseconds since 1970 UTC, and the days of Asia/Shanghai on which they fall."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = 3_600_000_000
"""Microseconds in an hour; Shanghai is whole hours from UTC, so all instants of an hour fall on one day."""

SATURDAY = 5
"""The first day of the weekend, as `date.weekday` numbers days."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@lru_cache(maxsize=65_536)
def _day_of_hour(hour: int) -> str:
    return (_EPOCH + timedelta(hours=hour)).astimezone(SHANGHAI).date().isoformat()


def day(micros: int) -> str:
    """Return the Shanghai day of an instant, such as `2024-09-01`."""
    return _day_of_hour(micros // HOUR)


def micros(when: datetime) -> int:
    """Return an aware datetime as microseconds since 1970 UTC."""
    return (when - _EPOCH) // _MICROSECOND


def instant(micros_: int) -> datetime:
    """Return microseconds since 1970 as an aware datetime, in UTC."""
    return _EPOCH + timedelta(microseconds=micros_)


def start_of(day_: str) -> int:
    """Return the instant at which a Shanghai day begins."""
    return micros(datetime.combine(date.fromisoformat(day_), time(), SHANGHAI))


def read_time(text: str) -> int:
    """Return the instant of a text: `2024-09-01T12:00:00Z`, or a day, which means its end in Shanghai.

    Raises ValueError if it is neither, or is a time without an offset.
    """
    if len(text) == len("2024-09-01"):
        return start_of(plus_days(date.fromisoformat(text).isoformat(), 1)) - 1
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        msg = f"{text} has no UTC offset"
        raise ValueError(msg)
    return micros(when)


def read_start(text: str) -> int:
    """Return the instant of a text as `read_time` does, but of a day its beginning."""
    if len(text) == len("2024-09-01"):
        return start_of(date.fromisoformat(text).isoformat())
    return read_time(text)


def days_between(first: str, last: str) -> int:
    """Return the days from `first` to `last`, negative if `last` is earlier."""
    return (date.fromisoformat(last) - date.fromisoformat(first)).days


def plus_days(day_: str, days: int) -> str:
    """Return the date a number of calendar days later."""
    return (date.fromisoformat(day_) + timedelta(days=days)).isoformat()
