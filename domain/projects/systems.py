"""The systems that projects leave: built once, used while in service, retired with a successor."""

from __future__ import annotations

from msgspec import Struct, field

from domain.rule import Rule, of, refuse_if, too_early_if
from events.fold import Fold
from events.projects.approval import ProjectFiled
from events.projects.delivery import ProjectAccepted, ProjectTerminated
from events.projects.systems import SystemRetired, UsageReported


class System(Struct):
    """Which projects a system has, whether it is in service, and what has been told of its use."""

    system: str
    projects: set[str] = field(default_factory=set)
    in_service: bool = False
    retired: str = ""
    operated: dict[int, str] = field(default_factory=dict)
    months: set[str] = field(default_factory=set)


def system(
    state: System, event: ProjectFiled | ProjectAccepted | ProjectTerminated | UsageReported | SystemRetired
) -> None:
    """Follow a system from the project that builds it to its end."""
    match event:
        case ProjectFiled():
            state.projects.add(event.project)
            if event.year is not None:
                state.operated[event.year] = event.project
        case ProjectAccepted():
            state.in_service = not state.retired
        case ProjectTerminated():
            state.projects.discard(event.project)
            state.operated = {year: each for year, each in state.operated.items() if each != event.project}
        case UsageReported():
            state.months.add(event.month)
        case SystemRetired() if event.system == state.system:
            state.in_service, state.retired = False, event.day


SYSTEM = Fold("system", System, system)


def filed_for_its_system(system: System, proposed: ProjectFiled) -> None:
    """A system is built once; upgrade and operation are of a system that a project builds or has built."""
    number = proposed.system
    refuse_if(system.retired, "system-retired", f"the system {number} is retired")
    if proposed.kind == "build":
        refuse_if(system.projects, "system-filed", f"the system {number} has a project already")
    else:
        too_early_if(not system.projects, "unknown-system", f"no project builds a system {number}")


def operated_once_a_year(system: System, proposed: ProjectFiled) -> None:
    """A system's operation is filed once for a year."""
    other = None if proposed.year is None else system.operated.get(proposed.year)
    refuse_if(other, "operation-filed", f"operation in {proposed.year} is filed as {other}")


def in_service(system: System) -> None:
    """Refuse a system that is not, or not any more, in service."""
    refuse_if(system.retired, "system-retired", f"the system {system.system} is retired")
    too_early_if(not system.in_service, "unknown-system", f"no system {system.system} is in service")


def used_in_service(system: System, proposed: UsageReported) -> None:
    """Use is reported of a system in service, once for each month until it is retired, when it is over."""
    month = proposed.month
    if not system.retired or month > system.retired[:7]:
        in_service(system)
    refuse_if(month in system.months, "usage-reported", f"the use in {month} is reported already")
    refuse_if(proposed.day[:7] <= month, "month-not-over", f"{month} is not over")


def retired_from_service(system: System, proposed: SystemRetired) -> None:
    """Only a system in service is retired."""
    in_service(system)


def successor_in_service(successor: System, proposed: SystemRetired) -> None:
    """A successor is another system, and in service."""
    if proposed.successor is not None:
        refuse_if(proposed.successor == proposed.system, "its-own-successor", "a successor is another system")
        in_service(successor)


RULES = (
    Rule(filed_for_its_system, SYSTEM),
    Rule(operated_once_a_year, SYSTEM),
    Rule(used_in_service, SYSTEM),
    Rule(retired_from_service, SYSTEM),
    Rule(successor_in_service, of(SYSTEM, "successor")),
)
