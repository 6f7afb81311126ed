"""Roles (角色授权), each within a scope."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from events.event import Event, Number, PersonId
from events.identity.vocabulary import Tier

OrganisationKind = Literal["authority", "school", "university", "institution"]
Role = Literal[
    "student", "teacher", "class-teacher", "principal", "administrator", "officer", "reviewer", "auditor"
]


class Scope(Struct, frozen=True):
    """The organisation that a role is for, with everything below it, and its tier (市、区、校)."""

    tier: Tier
    kind: OrganisationKind
    organisation: Number

    def covers(self, school: str, district: str) -> bool:
        """Return whether a school in a district is within the scope."""
        match self.tier:
            case "school":
                return self.organisation == school
            case "district":
                return self.organisation == district
            case "municipality":
                return True


class RoleGranted(Event, frozen=True):
    """A person has been granted a role (角色授权) that rests on an appointment or, if that is null, on the roll entry."""

    person: PersonId
    role: Role
    scope: Scope
    appointment: Number | None = None


class RoleRevoked(Event, frozen=True):
    """A role has been revoked before the appointment or roll entry that it rests on ended."""

    person: PersonId
    role: Role
    scope: Scope
    reason: Literal["no-longer-needed", "abused", "mistaken", "replaced"]


EVENTS = (
    RoleGranted,
    RoleRevoked,
)
