"""The systems that projects build."""

from __future__ import annotations

from typing import Annotated

from events.event import Count, Event, Text
from events.patterns import whole
from events.projects.vocabulary import SystemId

Month = Annotated[str, whole("[0-9]{4}-(0[1-9]|1[0-2])", description="a month, such as 2024-09")]


class UsageReported(Event, frozen=True):
    """The use of a system in a month has been reported (应用情况)."""

    system: SystemId
    month: Month
    users: Count
    visits: Count


class SystemRetired(Event, frozen=True):
    """A system has been taken out of service (系统下线), replaced by its successor if it has one."""

    system: SystemId
    reason: Text
    successor: SystemId | None = None


EVENTS = (
    UsageReported,
    SystemRetired,
)
