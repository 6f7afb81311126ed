"""The systems that projects build: built once, used while in service, retired with or without a successor."""

from __future__ import annotations

from msgspec import Struct, field

from domain.rule import Rule, of, refuse_if, too_early_if
from events.fold import Fold
from events.projects.approval import ProjectFiled
from events.projects.delivery import ProjectAccepted, ProjectTerminated
from events.projects.systems import SystemRetired, UsageReported


class System(Struct):
    """A system's projects, whether it is in service, and the months for which its use has been reported."""

    system: str
    projects: set[str] = field(default_factory=set)
    in_service: bool = False
    accepted: str = ""
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
            state.accepted = min(state.accepted or event.day, event.day)
        case ProjectTerminated():
            state.projects.discard(event.project)
            state.operated = {year: each for year, each in state.operated.items() if each != event.project}
        case UsageReported():
            state.months.add(event.month)
        case SystemRetired() if event.system == state.system:
            state.in_service, state.retired = False, event.day


SYSTEM = Fold("system", System, system, steps=True)


def filed_for_its_system(system: System, proposed: ProjectFiled) -> None:
    """A system is built once; a project upgrades or operates only a system that a project builds or has built."""
    number = proposed.system
    refuse_if(system.retired, "system-retired", f"the system {number} is retired")
    if proposed.kind == "build":
        refuse_if(system.projects, "system-filed", f"the system {number} already has a project")
    else:
        too_early_if(not system.projects, "unknown-system", f"no project builds the system {number}")


def operated_once_a_year(system: System, proposed: ProjectFiled) -> None:
    """The operation of a system is filed once for each year."""
    other = None if proposed.year is None else system.operated.get(proposed.year)
    refuse_if(other, "operation-filed", f"operation in {proposed.year} is already filed as {other}")


def in_service(system: System) -> None:
    """Refuse unless the system is in service."""
    refuse_if(system.retired, "system-retired", f"the system {system.system} is retired")
    too_early_if(not system.in_service, "unknown-system", f"no system {system.system} is in service")


def used_in_service(system: System, proposed: UsageReported) -> None:
    """The use of a system is reported once for each month, after the month is over, from its first acceptance on."""
    month = proposed.month
    if not system.retired or month > system.retired[:7]:
        in_service(system)
    refuse_if(
        month < system.accepted[:7],
        "not-yet-in-service",
        f"the system {system.system} was accepted on {system.accepted}",
    )
    refuse_if(month in system.months, "usage-reported", f"the use in {month} has already been reported")
    refuse_if(proposed.day[:7] <= month, "month-not-over", f"{month} is not over yet")


def retired_from_service(system: System, proposed: SystemRetired) -> None:
    """Only a system in service can be retired."""
    in_service(system)


def successor_in_service(successor: System, proposed: SystemRetired) -> None:
    """A successor is a different system that is in service."""
    if proposed.successor is not None:
        refuse_if(
            proposed.successor == proposed.system, "its-own-successor", "a system cannot be its own successor"
        )
        in_service(successor)


def accepted_before_retirement(system: System, proposed: ProjectAccepted) -> None:
    """A retired system is not accepted any more; a project that was to change it is terminated."""
    refuse_if(system.retired, "system-retired", f"the system {system.system} is retired")


RULES = (
    Rule(accepted_before_retirement, SYSTEM),
    Rule(filed_for_its_system, SYSTEM),
    Rule(operated_once_a_year, SYSTEM),
    Rule(used_in_service, SYSTEM),
    Rule(retired_from_service, SYSTEM),
    Rule(successor_in_service, of(SYSTEM, "successor")),
)
