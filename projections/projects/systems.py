"""The systems that projects produce: their life cycle, cost and use."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from events.projects.approval import ProjectFiled
from events.projects.contracts import SpendingReported
from events.projects.delivery import ProjectAccepted, ProjectTerminated
from events.projects.systems import SystemRetired, UsageReported
from projections.read_model import ReadModel


class System(Struct):
    """A system: its projects, its status, its cost in fen (分), and its use, to weigh against the cost."""

    system: str
    unit: str = ""
    status: str = "planned"
    projects: list[str] = field(default_factory=list)
    in_service_since: str | None = None
    retired: str | None = None
    successor: str | None = None
    predecessors: list[str] = field(default_factory=list)
    spent: int = 0
    visits: int = 0
    months: int = 0
    last_month: str | None = None


def system(
    row: System,
    event: ProjectFiled
    | ProjectAccepted
    | ProjectTerminated
    | SpendingReported
    | UsageReported
    | SystemRetired,
) -> None:
    """Follow a system from its first project to its retirement; `unit` is that of the latest project."""
    match event:
        case ProjectFiled():
            row.unit = event.unit
            row.projects.append(event.project)
        case ProjectTerminated():
            row.projects = [each for each in row.projects if each != event.project]
        case ProjectAccepted():
            if row.retired is None:
                row.status, row.in_service_since = "in-service", row.in_service_since or event.day
        case SpendingReported():
            row.spent += event.amount
        case UsageReported():
            row.visits += event.visits
            row.months += 1
            row.last_month = max(row.last_month or event.month, event.month)
        case SystemRetired():
            _retire(row, event)


def _retire(row: System, event: SystemRetired) -> None:
    if event.system == row.system:
        row.status, row.retired, row.successor = "retired", event.day, event.successor
    else:
        row.predecessors.append(event.system)


class SystemMonth(Struct):
    """A system's users and visits in a month, and how much was spent on it in that month, in fen (分)."""

    system: str
    month: str
    users: int = 0
    visits: int = 0
    spent: int = 0


def system_month(row: SystemMonth, event: UsageReported | SpendingReported) -> None:
    """Record use, and add up spending."""
    match event:
        case UsageReported():
            row.users, row.visits = event.users, event.visits
        case SpendingReported():
            row.spent += event.amount


def in_its_month(event: UsageReported | SpendingReported) -> Iterator[tuple[str]]:
    """Yield the month that was reported, or in which the money was spent."""
    yield (event.month if isinstance(event, UsageReported) else event.day[:7],)


READ_MODELS = (
    ReadModel(
        "systems",
        "system",
        System,
        system,
        anytime=(UsageReported, SpendingReported),
        filter=("unit", "status", "successor"),
        sort=("spent", "visits", "in_service_since"),
    ),
    ReadModel(
        "system-months",
        "system",
        SystemMonth,
        system_month,
        parts=in_its_month,
        anytime=(SpendingReported,),
        filter=("month",),
        sort=("users", "visits", "spent"),
    ),
)
