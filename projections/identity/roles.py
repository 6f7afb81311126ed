"""Roles (角色) that persons hold: each ends with the roll entry or appointment on which it depends."""

from __future__ import annotations

from msgspec import Struct, field

from events.fold import REMOVED, Removed
from events.identity.persons import PersonsMerged
from events.identity.roles import RoleGranted, RoleRevoked, Scope
from events.roll.pupils import StudentGraduated, StudentLeft, StudentWithdrawn
from events.roll.teachers import TeacherLeft, TeacherTransferred
from events.roll.transfers import StudentTransferred
from projections.read_model import ReadModel


class Held(Struct):
    """A role currently held, its scope, and since when; without an appointment it depends on the roll entry.

    `person` is the number that it was granted to.
    """

    person: str
    role: str
    scope: Scope
    appointment: str | None
    since: str


class Roles(Struct):
    """The roles that a person currently holds; a person without any has no row."""

    person: str
    roles: list[Held] = field(default_factory=list)


WithGround = (
    RoleRevoked
    | StudentTransferred
    | StudentWithdrawn
    | StudentGraduated
    | StudentLeft
    | TeacherTransferred
    | TeacherLeft
)
Ending = PersonsMerged | WithGround


def roles(row: Roles, event: RoleGranted | Ending) -> Removed | None:
    """Follow grants; a role ends with what it depends on, with a move out of its scope, and with a merge."""
    if isinstance(event, RoleGranted):
        row.roles.append(Held(event.person, event.role, event.scope, event.appointment, event.day))
    else:
        row.roles = [each for each in row.roles if not _ends(each, event)]
    return None if row.roles else REMOVED


def _ends(held: Held, event: Ending) -> bool:
    if isinstance(event, PersonsMerged):
        return held.person == event.merged
    return held.person == event.person and _ends_with_ground(held, event)


def _ends_with_ground(held: Held, event: WithGround) -> bool:
    match event:
        case RoleRevoked():
            return (held.role, held.scope) == (event.role, event.scope)
        case StudentTransferred():
            return held.appointment is None and not held.scope.covers(event.to_school, event.to_district)
        case TeacherTransferred():
            moved = held.appointment == event.appointment
            return moved and not held.scope.covers(event.to_school, event.to_district)
        case TeacherLeft():
            return held.appointment == event.appointment
        case StudentWithdrawn() | StudentGraduated() | StudentLeft():
            return held.appointment is None


READ_MODELS = (ReadModel("roles", "person", Roles, roles),)
